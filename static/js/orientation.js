// The orientation page: each module adds one comfort; without any of them the page still works, only slower.
import { startAddress } from "./address.js";
import { startClock } from "./clock.js";
import { startCopy } from "./copy.js";
import { startFields } from "./fields.js";
import { startFocus } from "./focus.js";
import { startKeys } from "./keys.js";
import { startMap } from "./map.js";
import { startSuggestions } from "./suggest.js";

const form = document.getElementById("question");
if (form) {
  startAddress();
  startFields(form);
  startFocus();
  startKeys(form);
  startSuggestions(form);
  startMap();
}
startCopy();
startClock();
