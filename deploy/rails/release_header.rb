require "erb"

class ReleaseHeader
  RELEASE = ERB::Util.url_encode(ENV.fetch("MAINTENANCE_PAGE_RELEASE", "").strip)

  def initialize(app)
    @app = app
  end

  def call(env)
    status, headers, body = @app.call(env)
    headers["x-release"] = RELEASE
    [status, headers, body]
  end
end
