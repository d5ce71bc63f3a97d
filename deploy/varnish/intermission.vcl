# Varnish 6.1 or newer. README.md says what it does.
vcl 4.1;

import std;

backend app {
  .host = "127.0.0.1:3000";
  .connect_timeout = 1s;
  .first_byte_timeout = 30s;
}

# Serve, to which errors go.
backend intermission {
  .host = "127.0.0.1:9200";
  .connect_timeout = 1s;
  .first_byte_timeout = 2s;
}

sub vcl_recv {
  if (req.restarts == 0) {
    # Nothing that a visitor sends may decide.
    unset req.http.X-Original-Status;
    unset req.http.X-Original-URI;
    unset req.http.X-Original-Method;
    unset req.http.X-Original-Content-Type;
    unset req.http.X-Original-Retry-After;
    unset req.http.X-Original-Maintenance;
    unset req.http.X-Upstream-Release;
    unset req.http.X-Upstream-Addr;
    unset req.http.X-Code;
    unset req.http.X-Format;
    unset req.http.X-Original-Set-Cookie;
    unset req.http.X-Original-Clear-Site-Data;
    unset req.http.X-Original-Vary;
    unset req.http.X-Original-Content-Security-Policy;
    unset req.http.X-Original-Strict-Transport-Security;
    unset req.http.X-Original-Permissions-Policy;
    unset req.http.X-Original-Referrer-Policy;
    unset req.http.X-Original-X-Frame-Options;
    unset req.http.X-Original-Cross-Origin-Opener-Policy;
    unset req.http.X-Original-Cross-Origin-Embedder-Policy;
    unset req.http.X-Original-Cross-Origin-Resource-Policy;
    unset req.http.X-Original-Access-Control-Allow-Origin;
    unset req.http.X-Original-Access-Control-Allow-Credentials;
    unset req.http.X-Original-Access-Control-Expose-Headers;
    unset req.http.X-Original-X-Request-Id;
    unset req.http.X-Original-X-Correlation-Id;
    unset req.http.X-Original-Traceparent;
    # Nor who asks. Behind something that ends TLS, take its word for both.
    set req.http.X-Forwarded-For = client.ip;
    set req.http.X-Forwarded-Proto = "http";
    unset req.http.Forwarded;
    unset req.http.X-Forwarded-Host;
    unset req.http.X-Forwarded-Port;
    unset req.http.X-Forwarded-Prefix;
    unset req.http.X-Forwarded-Protocol;
    unset req.http.X-Forwarded-Scheme;
    unset req.http.X-Forwarded-Server;
    unset req.http.X-Forwarded-Ssl;
    unset req.http.X-Real-IP;
    # What it names would go no further.
    unset req.http.Connection;
    set req.backend_hint = app;
  } else if (req.http.X-Original-Status) {
    set req.http.X-Original-URI = req.url;
    set req.http.X-Original-Method = req.method;
    set req.backend_hint = intermission;
    set req.url = "/error";
    set req.method = "GET";
    unset req.http.Content-Length;
    unset req.http.Transfer-Encoding;
    unset req.http.Authorization;
    return (pass);
  }
  if (req.http.Upgrade ~ "(?i)websocket") {
    return (pipe);
  }
}

sub vcl_pipe {
  set bereq.http.Upgrade = req.http.Upgrade;
  set bereq.http.Connection = "upgrade";
}

sub vcl_backend_fetch {
  # The body went to the app.
  if (bereq.http.X-Original-Status) {
    unset bereq.body;
  }
}

sub vcl_backend_error {
  # Nobody answers there either: the page that was published last. Varnish reads the file once.
  if (bereq.http.X-Original-Status) {
    set beresp.status = 503;
    set beresp.http.Content-Type = "text/html; charset=utf-8";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "60";
    set beresp.http.X-Maintenance = "1";
    synthetic(std.fileread("/run/intermission/pages/en.html"));
    return (deliver);
  }
  # Varnish's own error, whatever it will say.
  set beresp.http.X-Unanswered = "yes";
}

sub vcl_deliver {
  # While state.json is there, serve keeps the files up to date. The app meant an error that has Retry-After, an instance
  # has masked one that has X-Maintenance by itself, and gRPC is no place for a page.
  if (
    req.restarts == 0 && resp.status >= 500 && std.file_exists("/run/intermission/state.json")
    && (resp.http.X-Unanswered || !resp.http.Retry-After)
    && !resp.http.X-Maintenance && resp.http.Content-Type !~ "^application/grpc"
  ) {
    # The files of regular releases are named as the releases travel: percent-encoded. A header that was added twice says
    # one release if both agree, and none if they don't.
    std.collect(resp.http.X-Release);
    set resp.http.X-Release = regsub(resp.http.X-Release, "^([^,]+)(, *\1)+$", "\1");
    if (resp.http.X-Release ~ "^[A-Za-z0-9_~%-][A-Za-z0-9_.~%-]*$") {
      if (!std.file_exists("/run/intermission/release/" + resp.http.X-Release)) {
        set req.http.X-Original-Status = resp.status;
      }
    } else if (std.file_exists("/run/intermission/active")) {
      set req.http.X-Original-Status = resp.status;
    }
    if (req.http.X-Original-Status) {
      set req.http.X-Upstream-Release = resp.http.X-Release;
      set req.http.X-Original-Content-Type = resp.http.Content-Type;
      # The page keeps these of the failed answer. Add what MAINTENANCE_KEEP_HEADERS names, here and above.
      std.collect(resp.http.Set-Cookie);
      set req.http.X-Original-Set-Cookie = resp.http.Set-Cookie;
      set req.http.X-Original-Clear-Site-Data = resp.http.Clear-Site-Data;
      set req.http.X-Original-Vary = resp.http.Vary;
      set req.http.X-Original-Content-Security-Policy = resp.http.Content-Security-Policy;
      set req.http.X-Original-Strict-Transport-Security = resp.http.Strict-Transport-Security;
      set req.http.X-Original-Permissions-Policy = resp.http.Permissions-Policy;
      set req.http.X-Original-Referrer-Policy = resp.http.Referrer-Policy;
      set req.http.X-Original-X-Frame-Options = resp.http.X-Frame-Options;
      set req.http.X-Original-Cross-Origin-Opener-Policy = resp.http.Cross-Origin-Opener-Policy;
      set req.http.X-Original-Cross-Origin-Embedder-Policy = resp.http.Cross-Origin-Embedder-Policy;
      set req.http.X-Original-Cross-Origin-Resource-Policy = resp.http.Cross-Origin-Resource-Policy;
      set req.http.X-Original-Access-Control-Allow-Origin = resp.http.Access-Control-Allow-Origin;
      set req.http.X-Original-Access-Control-Allow-Credentials = resp.http.Access-Control-Allow-Credentials;
      set req.http.X-Original-Access-Control-Expose-Headers = resp.http.Access-Control-Expose-Headers;
      set req.http.X-Original-X-Request-Id = resp.http.X-Request-Id;
      set req.http.X-Original-X-Correlation-Id = resp.http.X-Correlation-Id;
      set req.http.X-Original-Traceparent = resp.http.Traceparent;
      return (restart);
    }
  }
  unset resp.http.X-Release;
  unset resp.http.X-Unanswered;
}
