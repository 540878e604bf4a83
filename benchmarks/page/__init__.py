"""What the orientation page costs on a small network and on a large one, the same questions asked of both in turn."""
