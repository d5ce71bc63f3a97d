require "action_controller/railtie"
require_relative "../lib/release_header"

class OrdersController < ActionController::Base
  def home = render(plain: "Welcome to the shop")
  def index = raise("column orders.note does not exist")
end

class Shop < Rails::Application
  config.eager_load = true
  config.consider_all_requests_local = false
  config.secret_key_base = "a" * 64
  config.logger = Logger.new($stderr)
  config.middleware.insert_before 0, ReleaseHeader

  routes.append do
    root to: "orders#home"
    get "/orders", to: "orders#index"
  end
end
