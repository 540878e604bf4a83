# L’image de Passerelles : `docker compose build`. Voir docs/exploitation.md.
FROM node:22-slim AS interface
WORKDIR /interface
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production PASSERELLES_DATA_DIR=/var/lib/passerelles
WORKDIR /srv/passerelles
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
RUN useradd --system --home-dir /var/lib/passerelles --create-home passerelles
COPY --from=interface /interface/node_modules ./node_modules
COPY . .
USER passerelles
VOLUME /var/lib/passerelles
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "4", "config.wsgi"]
