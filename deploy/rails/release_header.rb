require "erb"

class ReleaseHeader
  def self.read_release
    release = ENV.fetch("MAINTENANCE_PAGE_RELEASE", "").strip
    # For who restarts in phases: a process that stays keeps its environment, and reads a file anew.
    path = ENV.fetch("MAINTENANCE_PAGE_RELEASE_FILE", "")
    release = File.foreach(path).first.to_s.strip if release.empty? && File.exist?(path)
    ERB::Util.url_encode(release)
  end

  RELEASE = read_release

  def initialize(app)
    @app = app
  end

  def call(env)
    status, headers, body = @app.call(env)
    headers["x-release"] = RELEASE
    [status, headers, body]
  end
end
