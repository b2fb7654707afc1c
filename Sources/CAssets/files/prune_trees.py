"""Removes trees from the ensembles of an ONNX model. Imported by optimize_onnx.py, which runs as a guest of Martlet."""

import numpy
from onnx import helper, numpy_helper

# The operators, and how the attributes of their leaves are called.
ENSEMBLES = {"TreeEnsembleClassifier": "class", "TreeEnsembleRegressor": "target"}
# Rows x trees x outputs that are held at a time.
CELLS_MAX = 20_000_000
# Trees of a forest are alike: their leaves' spread and mean differ by so much, as a share, at most.
ALIKE_SHARE = 0.25
COMPARISONS = {
    "BRANCH_LEQ": numpy.less_equal,
    "BRANCH_LT": numpy.less,
    "BRANCH_GTE": numpy.greater_equal,
    "BRANCH_GT": numpy.greater,
    "BRANCH_EQ": numpy.equal,
    "BRANCH_NEQ": numpy.not_equal,
}


class Ensemble:
    """One TreeEnsemble node."""

    def __init__(self, node):
        self.node = node
        self.prefix = ENSEMBLES[node.op_type]
        self.trees = numpy.unique(self.values("nodes_treeids")).astype(int)
        self.leaf_trees = self.values(f"{self.prefix}_treeids").astype(int)
        self.leaf_ids = self.values(f"{self.prefix}_ids").astype(int)
        self.weights = self.values(f"{self.prefix}_weights").astype(float)
        self.outputs = int(self.leaf_ids.max()) + 1

    def attribute(self, name):
        for found in self.node.attribute:
            if found.name in (name, f"{name}_as_tensor"):
                value = helper.get_attribute_value(found)
                return numpy_helper.to_array(value) if found.name.endswith("_as_tensor") else value
        return None

    def values(self, name):
        value = self.attribute(name)
        return numpy.array([] if value is None else value)

    def text(self, name, otherwise):
        value = self.attribute(name)
        return value.decode() if value is not None else otherwise

    def set(self, name, values):
        """Gives an attribute other values, in the form that it has."""
        for place, found in enumerate(self.node.attribute):
            if found.name == name:
                self.node.attribute[place].CopyFrom(helper.make_attribute(name, list(values)))
            elif found.name == f"{name}_as_tensor":
                kind = numpy_helper.to_array(found.t).dtype
                tensor = numpy_helper.from_array(numpy.asarray(values, dtype=kind), name)
                self.node.attribute[place].CopyFrom(helper.make_attribute(found.name, tensor))

    # how the trees make the answer

    def is_averaged_by_runtime(self):
        return self.text("aggregate_function", "SUM") == "AVERAGE"

    def is_average(self):
        """Whether the answer is the mean of the trees' answers, and not their sum: the weights tell."""
        if self.is_averaged_by_runtime():
            return True
        if self.text("post_transform", "NONE") != "NONE" or numpy.any(self.values("base_values") != 0):
            return False
        totals = [self.leaf_totals(tree) for tree in self.trees]
        if self.prefix == "class":
            # Shares of classes, divided by the number of trees: never negative, and one in all at most.
            return bool((self.weights >= 0).all()) and sum(total.max() for total in totals) <= 1.001
        spreads = numpy.array([total.std() for total in totals])
        means = numpy.array([total.mean() for total in totals])
        scale = max(abs(means.mean()), spreads.mean())
        return bool(spreads.std() <= ALIKE_SHARE * spreads.mean() and means.std() <= ALIKE_SHARE * scale)

    def leaf_totals(self, tree):
        """The sum of the weights of each leaf of a tree."""
        chosen = self.leaf_trees == tree
        leaves = self.values(f"{self.prefix}_nodeids")[chosen]
        totals = numpy.zeros(int(leaves.max()) + 1)
        numpy.add.at(totals, leaves.astype(int), self.weights[chosen])
        return totals[numpy.unique(leaves.astype(int))]

    # which trees matter

    def rows_max(self):
        return max(1, CELLS_MAX // (len(self.trees) * self.outputs))

    def order_by_weights(self):
        """The trees, those with the smallest leaf weights first."""
        effects = [numpy.abs(self.weights[self.leaf_trees == tree]).mean() for tree in self.trees]
        return self.trees[numpy.argsort(effects, kind="stable")]

    def least_by_rows(self, rows, count, is_average):
        """The `count` trees without which the answers on these rows change least, found one after the other."""
        parts = self.contributions(rows).transpose(0, 2, 1).reshape(-1, len(self.trees))
        whole = parts.sum(axis=1)
        squares = (parts**2).sum(axis=0)
        rest, left = whole.copy(), len(self.trees)
        removed = numpy.zeros(len(self.trees), dtype=bool)
        for _ in range(count):
            left -= 1
            scale = len(self.trees) / left if is_average else 1.0
            error = scale * rest - whole
            changes = -2 * scale * (error @ parts) + scale**2 * squares
            changes[removed] = numpy.inf
            worst = int(numpy.argmin(changes))
            removed[worst] = True
            rest -= parts[:, worst]
        return self.trees[removed]

    def contributions(self, rows):
        """What each tree adds to each output for each row: [rows, trees, outputs]."""
        node_trees, node_ids = self.values("nodes_treeids"), self.values("nodes_nodeids")
        place = {key: index for index, key in enumerate(zip(node_trees.tolist(), node_ids.tolist(), strict=True))}
        modes = numpy.array([mode.decode() for mode in self.attribute("nodes_modes")])
        leaf = modes == "LEAF"
        own = numpy.arange(len(leaf))
        children = []
        for name in ("nodes_truenodeids", "nodes_falsenodeids"):
            keys = zip(node_trees.tolist(), self.values(name).tolist(), strict=True)
            children.append(numpy.array([i if leaf[i] else place[key] for i, key in enumerate(keys)]))
        yes, no = children
        inner = numpy.concatenate([yes[~leaf], no[~leaf]])
        is_root = numpy.ones(len(leaf), dtype=bool)
        is_root[inner] = False
        roots = {int(node_trees[i]): i for i in own[is_root][::-1]}
        at = numpy.tile(numpy.array([roots[int(tree)] for tree in self.trees]), (len(rows), 1))
        features, bounds = self.values("nodes_featureids").astype(int), self.values("nodes_values")
        missing = self.values("nodes_missing_value_tracks_true")
        missing = missing.astype(bool) if len(missing) else numpy.zeros(len(leaf), dtype=bool)
        line = numpy.arange(len(rows))[:, None]
        while not leaf[at].all():
            values = rows[line, features[at]]
            goes = numpy.isnan(values) & missing[at]
            for mode in numpy.unique(modes[at][~leaf[at]]):
                goes |= (modes[at] == mode) & COMPARISONS[mode](values, bounds[at])
            at = numpy.where(goes, yes[at], no[at])
        weights = numpy.zeros((len(leaf), self.outputs))
        leaf_places = [place[key] for key in zip(self.leaf_trees.tolist(), self.values(f"{self.prefix}_nodeids").tolist(), strict=True)]
        numpy.add.at(weights, (leaf_places, self.leaf_ids), self.weights)
        return weights[at]

    def remove(self, trees, is_average):
        """Takes trees out, and makes the mean one of the trees that are left."""
        total = len(self.trees)
        for name in [found.name.removesuffix("_as_tensor") for found in self.node.attribute]:
            prefix = "nodes" if name.startswith("nodes_") else self.prefix if name.startswith(f"{self.prefix}_") else None
            if prefix and name != f"{prefix}_treeids" and len(self.attribute(name)) > 0:
                self.set(name, numpy.array(self.attribute(name))[self.kept(prefix, trees)].tolist())
        if is_average and not self.is_averaged_by_runtime():
            left = self.values(f"{self.prefix}_weights").astype(float)
            self.set(f"{self.prefix}_weights", (left * total / (total - len(trees))).tolist())
        for prefix in ("nodes", self.prefix):
            name = f"{prefix}_treeids"
            self.set(name, self.values(name)[self.kept(prefix, trees)].astype(int).tolist())

    def kept(self, prefix, trees):
        return ~numpy.isin(self.values(f"{prefix}_treeids"), trees)


def ensembles(model):
    found = [Ensemble(node) for node in model.graph.node if node.op_type in ENSEMBLES]
    return [ensemble for ensemble in found if len(ensemble.trees) > 1]


def prune(found, share, rows_at, unservable):
    """Removes that share of each ensemble's trees; returns what was done, as a sentence.

    rows_at(name) gives the values of a tensor of the model for the reference rows, or None without any.
    """
    before, removed, kinds = 0, 0, set()
    for ensemble in found:
        total = len(ensemble.trees)
        count = min(int(share * total + 1e-9), total - 1)
        before += total
        if count == 0:
            continue
        if ensemble.text("aggregate_function", "SUM") not in ("SUM", "AVERAGE"):
            raise unservable("Its trees are combined by their least or largest answer, so that none has a small effect.")
        is_average = ensemble.is_average()
        rows = rows_at(ensemble.node.input[0])
        if rows is None:
            trees = ensemble.order_by_weights()[:count]
        else:
            rows = rows[: ensemble.rows_max()]
            trees = ensemble.least_by_rows(rows, count, is_average)
        ensemble.remove(trees, is_average)
        removed += count
        kinds.add("averaged, weights rescaled" if is_average else "summed, weights kept")
        by = "by leaf weights" if rows is None else f"by their effect on {len(rows)} reference rows"
    if removed == 0:
        least = min(1 / len(ensemble.trees) for ensemble in found)
        raise unservable(f"{share:g} of its {before} trees is not one whole tree. SHARE must be at least {least:.4f} here.")
    return f"{removed} of {before} trees removed ({' and '.join(sorted(kinds))}), chosen {by}"
