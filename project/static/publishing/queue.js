// Posts of the queue move by the mouse: to a free place, or to where another stands; those between
// them change places in turn. What that means is the server's to say.
"use strict";

const POSTS = ".place[draggable=true]";

function send(address, pairs) {
  const form = document.getElementById("by-mouse");
  form.action = address;
  for (const [name, value] of pairs) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  form.submit();
}

dragging(POSTS, `${POSTS}, [data-at]`, (post, place) => {
  const { seen, places } = post.dataset;
  if (place.dataset.at) return send(places, [["seen", seen], ["at", place.dataset.at]]);
  const posts = [...document.querySelectorAll(POSTS)];
  const [from, to] = [posts.indexOf(post), posts.indexOf(place)];
  posts.splice(to, 0, ...posts.splice(from, 1));
  const run = posts.slice(Math.min(from, to), Math.max(from, to) + 1);
  send(document.getElementById("by-mouse").action, run.flatMap(({ dataset }) => [["post", dataset.entry], ["seen", dataset.seen]]));
});
