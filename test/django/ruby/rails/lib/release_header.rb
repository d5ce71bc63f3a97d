require_relative "../../../../../deploy/rails/release_header"
