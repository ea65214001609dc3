#pragma once
// One HTTP request and its answer.

#include <string>
#include <utility>
#include <vector>

namespace felix::http {

struct Request {
  std::string method;  // "GET" or "HEAD": the server answers all others itself
  std::string path;    // percent-decoded, begins with '/', without the query
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in the order sent
  std::vector<std::pair<std::string, std::string>> headers;  // as sent
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;  // left out by the server when the method is HEAD
};

}  // namespace felix::http
