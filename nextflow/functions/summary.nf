// Tables over several tasks: the versions, and the headline scores of several trainings.

// channel: [ process, tool, version ] -> channel of texts, an entry of versions.yml each
def versionsTable(versions) {
    return versions
        .map { process, tool, version -> "${process.tokenize(':').last()}:\n    ${tool}: ${version}\n" }
        .unique()
}

// The headline rows of a table of scores: those that speak of all unseen studies together.
def headlineOf(scores) {
    if (scores.size() == 0) {
        return [] // of a stub
    }
    return scores
        .splitCsv(header: true, sep: '\t')
        .findAll { row -> row.headline == 'True' && row.study == '' }
}

def summaryColumns() {
    return ['embedding', 'metric', 'value', 'ci_low', 'ci_high', 'n', 'reason']
}

// The rows of one training, `first` in front of each.
def summaryRows(first, scores) {
    return headlineOf(scores).collect { row -> [first] + summaryColumns().collect { name -> row[name] ?: '' } }
}

// A row for each embedding and score: the mean over the trainings that have it, and how many those are.
def meanRows(rows) {
    return rows
        .groupBy { row -> [row[1], row[2]] }
        .collect { key, group ->
            def values = group.findAll { row -> row[3] }.collect { row -> row[3].toDouble() }
            def mean = values ? String.format(Locale.ROOT, '%.6f', values.sum() / values.size()) : ''
            ['mean'] + key + [mean, '', '', values.size().toString(), values ? 'n counts the studies' : 'no study has it']
        }
}

def asTable(header, rows) {
    return ([header] + rows).collect { row -> row.join('\t') }.join('\n') + '\n'
}

// The score by which a sweep chooses, of the model's own codes; null where there is none.
def scoreOf(scores, metric) {
    def row = headlineOf(scores).find { item -> item.embedding == 'X_clrna' && item.metric == metric && item.value }
    return row ? row.value.toDouble() : null
}

// Best first; those without a score last; alike ones by name.
def compareScores(one, two) {
    def values = [one, two].collect { item -> item.score == null ? Double.NEGATIVE_INFINITY : item.score }
    return values[1] <=> values[0] ?: one.id <=> two.id
}
