# Puts what is done with a 5xx into a subroute of its own, in which every error, such as a serve that does not answer,
# ends with the original answer. A Caddyfile has no words for that.

(
  .. | objects | select(.handler? == "reverse_proxy") | .handle_response? // empty | .[]
  | select(.match.status_code == [5]) | .routes
) |= [{
  handle: [{
    handler: "subroute",
    routes: .,
    errors: { routes: [{ handle: [{ handler: "copy_response" }] }] }
  }]
}]
