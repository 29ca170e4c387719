// The steps of a decision, of a request that came or of one that was asked about.

const template = document.getElementById('step');

export function showSteps(list, steps) {
  list.replaceChildren(...steps.map(step => showStep(template.content.firstElementChild.cloneNode(true), step)));
}

export function showStep(item, { name, result, kind = '' }) {
  item.querySelector('b').textContent = name;
  item.querySelector('span').textContent = result;
  item.dataset.kind = kind;
  return item;
}
