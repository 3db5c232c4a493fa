// Runs in CloudFront for each request of a file.
// /t/<token> is answered with the page /t/index.html, and / with the front page. A name with a dot in it is a file.
var PAGES = ['t', 'driver', 'console'];
var FOLDERS = ['assets', 'ground', 'logos', 'scan'];
var MISSING =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
  '<title>No such page</title><h1>There is no such page</h1>' +
  '<p>To follow a delivery, open the link in the message that you got. Drivers and dispatchers begin at ' +
  '<a href="/">the front page</a>.</p></html>';

function handler(event) {
  var request = event.request;
  var parts = request.uri.split('/');
  var first = parts[1];
  var isFile = parts[parts.length - 1].indexOf('.') >= 0;
  if (!first) request.uri = '/index.html';
  else if (PAGES.indexOf(first) >= 0) request.uri = isFile ? request.uri : '/' + first + '/index.html';
  else if (!isFile || (parts.length > 2 && FOLDERS.indexOf(first) < 0)) return missing();
  return request;
}

function missing() {
  return {
    statusCode: 404,
    statusDescription: 'Not Found',
    headers: {
      'content-type': { value: 'text/html; charset=utf-8' },
      'content-security-policy': { value: "default-src 'none'" },
      'cache-control': { value: 'no-store' },
    },
    body: { encoding: 'text', data: MISSING },
  };
}
