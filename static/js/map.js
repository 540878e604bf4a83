// The map of what the list shows. Leaflet is fetched when the first map opens. Every point is read from the list of places
// under the map, which says the same without a script; what a point opens is a copy of that list's own lines.
import { addressOf } from "./address.js";

const FARTHEST_IN = 15; // zoom
const APART = 32; // px: room of a point; those that would touch are shown as one
const PADDING = [36, 36];
let opened = null; // { ground, map }

/** Draw the map that the page holds, if it holds one; forget the one that it no longer holds. */
export async function showMap() {
  const ground = document.getElementById("carte-fond");
  if (opened?.ground === ground) return;
  opened?.map.remove();
  opened = null;
  if (!ground) return;
  const leaflet = await load(ground);
  if (document.getElementById("carte-fond") === ground && opened?.ground !== ground) opened = draw(leaflet, ground);
}

export function startMap() {
  showMap();
  // Leaflet's elements hold styles of their own: htmx must not copy them onto the next answer (strict CSP refuses it).
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!opened || !addressOf(event)) return;
    opened.map.remove();
    opened.ground.remove();
    opened = null;
  });
  document.addEventListener("htmx:afterSwap", () => { showMap(); });
}

async function load({ dataset }) {
  if (!window.L) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = dataset.style;
    const styled = new Promise((done) => { style.onload = style.onerror = done; });
    document.head.prepend(style); // before our own sheets, which come on top of it
    await Promise.all([import(dataset.leaflet), styled]);
  }
  return window.L;
}

function draw(L, ground) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(ground, {
    zoomControl: false, attributionControl: false, maxZoom: 18, scrollWheelZoom: false, worldCopyJump: true,
    zoomAnimation: !still, fadeAnimation: false, markerZoomAnimation: !still, inertia: !still,
  });
  L.control.zoom({ zoomInTitle: "Rapprocher", zoomOutTitle: "Éloigner" }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  // The wheel scrolls the pane until one has stepped into the map.
  map.on("focus", () => map.scrollWheelZoom.enable()).on("blur", () => map.scrollWheelZoom.disable());
  const { tiles, attribution } = ground.dataset;
  if (tiles) {
    L.tileLayer(tiles, { maxZoom: 19 }).addTo(map);
    L.control.attribution({ prefix: false }).addAttribution(text(attribution)).addTo(map);
  }
  const spots = [...document.querySelectorAll(".spot")].map((item) => ({
    item, at: L.latLng(Number(item.dataset.lat), Number(item.dataset.lon)),
  }));
  const here = ground.dataset.here ? JSON.parse(ground.dataset.here) : null;
  const bounds = L.latLngBounds(nearest(spots).map((spot) => spot.at));
  if (here) bounds.extend([here[1], here[2]]);
  map.fitBounds(bounds, { padding: PADDING, maxZoom: 14, animate: false });
  const points = L.layerGroup().addTo(map);
  const names = L.layerGroup().addTo(map);
  const landmarks = tiles ? [] : JSON.parse(ground.dataset.names).filter(([name]) => name !== here?.[0]);
  if (here) landmarks.unshift([...here, 0, 18, "of-here"]); // named first, where it hides nothing
  let taken = [];
  const paint = () => {
    const back = points.getLayers().some((layer) => layer.getElement() === document.activeElement);
    taken = paintPoints(L, map, points, spots, here);
    if (back) ground.focus({ preventScroll: true });
  };
  map.on("zoomend", paint).on("moveend", () => paintNames(L, map, names, landmarks, taken));
  paint();
  paintNames(L, map, names, landmarks, taken);
  // Escape closes what a point opened before it closes the map itself.
  ground.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !ground.querySelector(".leaflet-popup")) return;
    event.preventDefault();
    event.stopPropagation();
    map.closePopup();
  }, true);
  return { ground, map };
}

const text = (words) => Object.assign(document.createElement("span"), { textContent: words }).innerHTML;

/** The places that the first view holds: one that is across the province must not shrink the neighbourhood to a dot. */
function nearest(spots) {
  if (spots.length < 5) return spots;
  const middle = median(spots.map((spot) => spot.at.lat), spots.map((spot) => spot.at.lng));
  const ordered = [...spots].sort((a, b) => a.at.distanceTo(middle) - b.at.distanceTo(middle));
  const most = ordered[Math.floor(ordered.length * 0.75)].at.distanceTo(middle);
  return ordered.filter((spot) => spot.at.distanceTo(middle) <= Math.max(most * 2, 3_000));
}

function median(...lists) {
  const [lat, lng] = lists.map((values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
  return window.L.latLng(lat, lng);
}

/** One point for a place, or for places too near one another to be told apart at this zoom. Gives the boxes taken. */
function paintPoints(L, map, layer, spots, here) {
  const groups = together(spots.map((spot) => ({ pixel: map.latLngToLayerPoint(spot.at), spots: [spot] })));
  layer.clearLayers();
  const taken = groups.map(room);
  if (here) {
    L.marker([here[1], here[2]], {
      interactive: false, keyboard: false, zIndexOffset: -500, icon: L.divIcon({ className: "map-here", iconSize: [14, 14] }),
    }).addTo(layer);
    taken.push(box(map.latLngToLayerPoint([here[1], here[2]]), 18, 18));
  }
  for (const group of groups) layer.addLayer(point(L, map, group));
  return taken;
}

const room = ({ pixel, spots }) => box(pixel, spots.length > 1 ? 68 : APART, APART);

/** Groups whose points would touch are made one, until none does. */
function together(groups) {
  for (let i = 0; i < groups.length; i += 1) {
    const other = groups.findIndex((group, j) => j > i && room(group).overlaps(room(groups[i])));
    if (other < 0) continue;
    groups[i].spots.push(...groups[other].spots);
    groups.splice(other, 1);
    i = -1; // a group is wider than a point: look again from the start
  }
  return groups;
}

function point(L, map, { spots }) {
  const [first] = spots;
  const alone = spots.length === 1;
  const state = spots.map((spot) => spot.item.dataset.state).sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0];
  const marker = L.marker(first.at, {
    keyboard: true,
    icon: L.divIcon({
      className: `map-point ${state}${alone ? "" : " several"}`,
      html: alone ? first.item.querySelector(".spot-n").textContent : `${spots.length} lieux`,
      iconSize: alone ? [28, 28] : [64, 28],
    }),
  });
  const open = (byKey) => {
    const bounds = L.latLngBounds(spots.map((spot) => spot.at));
    const apart = !bounds.getNorthEast().equals(bounds.getSouthWest(), 1e-5);
    if (!alone && apart && map.getZoom() < FARTHEST_IN) map.fitBounds(bounds, { padding: PADDING, maxZoom: FARTHEST_IN });
    else popup(L, map, marker, spots, byKey);
  };
  marker.on("add", () => {
    const element = marker.getElement();
    element.setAttribute("aria-label", alone ? first.item.dataset.label : `${spots.length} lieux rapprochés`);
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      open(true);
    });
  });
  return marker.on("click", () => open(false));
}

const ORDER = ["on", "soon", "unknown", "off"];

function popup(L, map, marker, spots, byKey) {
  const content = document.createElement("div");
  content.className = "map-popup";
  for (const spot of spots) content.append(...[...spot.item.querySelector("div").children].map((part) => part.cloneNode(true)));
  const shown = L.popup({ maxWidth: 280, maxHeight: 220, autoPanPadding: [12, 12], offset: [0, -8] })
    .setLatLng(marker.getLatLng()).setContent(content).openOn(map);
  const element = shown.getElement();
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", spots.length === 1 ? spots[0].item.dataset.label : `${spots.length} lieux rapprochés`);
  element.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", "Fermer");
  window.htmx?.process(content);
  if (!byKey) return;
  content.querySelector("a")?.focus({ preventScroll: true });
  map.once("popupclose", () => {
    const back = marker.getElement();
    if (back?.isConnected) back.focus({ preventScroll: true });
    else map.getContainer().focus({ preventScroll: true });
  });
}

/** Names that help at this zoom, each where it hides neither a point nor another name. */
function paintNames(L, map, layer, names, taken) {
  const zoom = map.getZoom();
  const seen = map.getBounds().pad(0.05);
  const boxes = [...taken];
  const view = box(map.containerPointToLayerPoint(map.getSize().divideBy(2)), map.getSize().x, map.getSize().y);
  layer.clearLayers();
  for (const [name, latitude, longitude, first, last, kind = ""] of names) {
    if (zoom < first || zoom > last || !seen.contains([latitude, longitude])) continue;
    const pixel = map.latLngToLayerPoint([latitude, longitude]);
    const width = name.length * 7.5 + 8;
    const place = [...AROUND, [width / 2 + 16, 0], [-width / 2 - 16, 0]].map((shift) => box(pixel.add(shift), width, 18))
      .find((candidate) => view.contains(candidate) && !boxes.some((other) => other.overlaps(candidate)));
    if (!place) continue;
    boxes.push(place);
    L.marker(map.layerPointToLatLng(place.getCenter()), {
      interactive: false, keyboard: false, zIndexOffset: -1000,
      icon: L.divIcon({ className: `map-name ${kind}`, html: text(name), iconSize: null }),
    }).addTo(layer);
  }
}

const AROUND = [[0, 0], [0, 26], [0, -26], [0, 44], [0, -44]]; // px from its own place, where a name may still be written

function box(middle, width, height) {
  return window.L.bounds([middle.x - width / 2, middle.y - height / 2], [middle.x + width / 2, middle.y + height / 2]);
}
