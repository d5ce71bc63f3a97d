import { error } from "@sveltejs/kit";

export function load() {
  error(422, "No");
}
