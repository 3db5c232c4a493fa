// Runs in CloudFront for each request of a file: an address within a page is answered with the page itself.
// /t/<token> becomes /t/index.html; whatever has a dot in its last part is a file and stays as it is.
function handler(event) {
  var request = event.request;
  var parts = request.uri.split('/');
  var last = parts[parts.length - 1];
  if (parts[1] && last.indexOf('.') < 0) request.uri = '/' + parts[1] + '/index.html';
  return request;
}
