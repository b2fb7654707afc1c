// The elements of the charts and icons, by their names in SVG.

let svg = Tag("svg")
let g = Tag("g")
let path = Tag("path")
let rect = Tag("rect")
let line = Tag("line")
let polyline = Tag("polyline")
let circle = Tag("circle")
let svgText = Tag("text")
let svgTitle = Tag("title")
let desc = Tag("desc")
let defs = Tag("defs")
let pattern = Tag("pattern")
