#!/usr/bin/env ruby
# Signs a call of the Examlink API and sends it: Ruby 3, and nothing else.
#
#   client.rb METHOD PATH name=value ...    such as: client.rb GET '/exams/{id}' id=42
#   client.rb message name=value ...        prints what is signed, and the signature
#
# EXAMLINK_SERVER, EXAMLINK_TOKEN and EXAMLINK_SECRET say where and who. Ids in the path are signed by their names.
require "net/http"
require "openssl"
require "securerandom"

def message(parameters)
  parameters.sort.map { |name, value| "#{name}=#{value}" }.join("?")
end

def sign(parameters)
  OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("EXAMLINK_SECRET"), message(parameters))
end

def call(method, path, parameters)
  timestamp = Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond)
  parameters = parameters.merge("nonce" => SecureRandom.random_number(10**18).to_s, "timestamp" => timestamp.to_s)
  form = URI.encode_www_form(parameters.merge("signature" => sign(parameters)))
  path = path.gsub(/\{(\w+)\}/) { parameters.fetch($1) }
  url = URI("#{ENV.fetch("EXAMLINK_SERVER")}/api/v3#{path}")
  url.query = form if method == "GET"
  headers = { "Authorization" => "Token token=#{ENV.fetch("EXAMLINK_TOKEN")}" }
  headers["Content-Type"] = "application/x-www-form-urlencoded" unless method == "GET"
  Net::HTTP.start(url.host, url.port, use_ssl: url.scheme == "https") do |http|
    http.send_request(method, url.request_uri, method == "GET" ? nil : form, headers)
  end
end

command, *rest = ARGV
if command == "message"
  parameters = rest.to_h { |text| text.split("=", 2) }
  puts message(parameters), sign(parameters)
else
  reply = call(command, rest.first, rest.drop(1).to_h { |text| text.split("=", 2) })
  puts reply.body
  exit reply.is_a?(Net::HTTPSuccess)
end
