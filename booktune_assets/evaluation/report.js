(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  form.hidden = false;
  const cases = [...document.querySelectorAll("#cases .case")];
  const groups = [...document.querySelectorAll("#cases .group")].reverse();
  const fits = (one, name, value) => {
    if (!value) return true;
    if (name === "words") return one.textContent.toLowerCase().includes(value.toLowerCase());
    const has = one.dataset[name] || "";
    return name === "concept" ? has.split("|").includes(value) : has === value;
  };
  const show = () => {
    const wanted = [...new FormData(form)];
    const asked = wanted.some(([, value]) => value);
    let left = 0;
    for (const one of cases) {
      one.hidden = !wanted.every(([name, value]) => fits(one, name, value));
      left += one.hidden ? 0 : 1;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".case:not([hidden])");
      group.open = asked && !group.hidden;
    }
    form.querySelector("output").textContent = `${left} of ${cases.length}`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
