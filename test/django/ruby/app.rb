require "sinatra/base"
require_relative "../../../deploy/rails/release_header"

class Shop < Sinatra::Base
  set :environment, :production
  set :server, "webrick"
  set :bind, "127.0.0.1"
  set :port, ENV.fetch("PORT")

  use ReleaseHeader

  get("/") { "Welcome to the shop" }
  get("/orders") { raise "column orders.note does not exist" }
end

Shop.run!
