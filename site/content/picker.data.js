import { createPicker } from "./picker.ts";

export default { load: createPicker };
