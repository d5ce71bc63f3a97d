require_relative "config/application"
Shop.initialize!
run Shop
