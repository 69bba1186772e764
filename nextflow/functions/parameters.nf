// Check parameters and tables against their JSON schema without a plugin, so that a cluster without network can run it.

// The parameters and their rules, as one map.
def schemaProperties(schema) {
    def properties = [:]
    schema['$defs'].values().each { group -> properties.putAll(group.properties) }
    return properties
}

def readSchema(path) {
    return new groovy.json.JsonSlurper().parseText(file(path, checkIfExists: true).text)
}

// Check every parameter; stop with one line for each fault.
def checkParameters(params) {
    def schema = readSchema("${projectDir}/nextflow_schema.json")
    def rules = schemaProperties(schema)
    def faults = []
    def foreign = []
    params.each { name, value ->
        def known = rules[name]
        // Nextflow keeps --hold-out as holdOut, beside the parameter hold_out that is meant.
        def meant = rules.keySet().find { rule -> camelCase(rule) == camelCase(name.replace('-', '_')) }
        if (known) {
            faults.addAll(value == null ? [] : faultsOfKind("--${name}", value, known) ?: faultsOf("--${name}", value, known, null))
        } else if (meant) {
            faults << "--${name}: there is no such parameter; write --${meant}"
        } else if (isWritten(name)) {
            faults << "--${name}: there is no such parameter${nearest(name, rules.keySet())}"
        } else {
            foreign << name
        }
    }
    def required = schema['$defs'].values().collectMany { group -> group.required ?: [] }
    required.each { name ->
        if (params[name] == null || params[name] == true) {
            faults << "--${name}: is missing; ${rules[name].description}"
        }
    }
    faults.addAll(faultsOfMode(params))
    stopAt(faults.unique())
    if (foreign) {
        // Those of an institution come with its configuration, whatever the pipeline.
        log.warn("these parameters of a configuration file are not this pipeline's, and do nothing: ${foreign.sort().join(', ')}")
    }
}

// Whether the user wrote a parameter, on the command line or in the file of -params-file; a configuration file has the rest.
def isWritten(name) {
    if (!workflow.commandLine) {
        return true
    }
    def words = workflow.commandLine.tokenize(' ')
    if (words.any { word -> word.startsWith('--') && withoutDashes(word.tokenize('=')[0]) == withoutDashes(name) }) {
        return true
    }
    def at = words.indexOf('-params-file')
    def named = at >= 0 ? words[at + 1] : System.getenv('NXF_PARAMS_FILE')
    return named && (!plainFile(named).exists() || plainFile(named).text.split(/\W+/).contains(name))
}

def withoutDashes(text) {
    return text.replaceAll(/[-_]/, '').toLowerCase()
}

// A file by its name as it stands: brackets and stars are no pattern.
def plainFile(text) {
    return file(text.toString(), glob: false)
}

// Whether a model is named that comes with the package; what is no name ends in .safetensors.
def isModelName(text) {
    return !text.toString().endsWith('.safetensors')
}

// What one parameter asks of another.
def faultsOfMode(params) {
    def faults = []
    if (params.mode == 'encode' && !params.model) {
        faults << "--model: is missing; --mode encode takes a model from clrna-train or clrna-fetch"
    }
    if (params.model && !isModelName(params.model) && !plainFile(params.model).exists()) {
        faults << "--model: ${plainFile(params.model)}: no such file"
    }
    if (params.mode != 'encode' && params.model) {
        faults << "--model: is only taken by --mode encode; this is --mode ${params.mode}"
    }
    if (params.start && !isModelName(params.start) && !plainFile(params.start).exists()) {
        faults << "--start: ${plainFile(params.start)}: no such file"
    }
    if (params.mode == 'encode' && params.start) {
        faults << "--start: --mode encode does not train; it takes --model"
    }
    if (params.mode == 'sweep' && !params.sweep) {
        faults << "--sweep: is missing; --mode sweep takes a table with a row a training"
    }
    if (params.mode != 'sweep' && params.sweep) {
        faults << "--sweep: is only taken by --mode sweep; this is --mode ${params.mode}"
    }
    if (params.mode == 'sweep' && !params.hold_out) {
        faults << "--hold_out: is missing; --mode sweep chooses by the scores on studies that no training saw"
    }
    if (params.mode == 'leave-one-out' && params.hold_out) {
        faults << "--hold_out: --mode leave-one-out holds out each study in turn; leave it away"
    }
    if (params.multiqc && params.mode != 'encode' && runsHere() && !isOnPath('multiqc')) {
        faults << "--multiqc: there is no multiqc on the PATH and no container profile; install it or give --multiqc false"
    }
    return faults
}

// Whether tasks run with the programs of this machine: elsewhere, the first task finds out what there is.
def runsHere() {
    def config = workflow.session.config
    def executor = config.process?.executor ?: System.getenv('NXF_EXECUTOR') ?: 'local'
    return executor == 'local' && !workflow.containerEngine && !config.conda?.enabled
}

def isOnPath(program) {
    return System.getenv('PATH').tokenize(':').any { folder -> new File(folder, program).canExecute() }
}

// Check the rows of a CSV file; returns them without their empty fields. Paths are relative to the file.
def readTable(path, rules, required) {
    def table = plainFile(path)
    def lines = table.text.replace('\uFEFF', '').readLines().findAll { line -> line.trim() }
    if (lines.size() < 2) {
        stopAt(["${path}: holds no row; the first line names the columns, each further line is a row"])
    }
    def header = splitLine(lines[0])
    def faults = []
    header.each { column ->
        if (!rules.containsKey(column)) {
            faults << "${path}: column '${column}' is unknown${nearest(column, rules.keySet())}"
        }
    }
    if (header.unique(false).size() < header.size()) {
        faults << "${path}: a column stands there twice: ${header.findAll { column -> header.count(column) > 1 }.unique().join(', ')}"
    }
    required.each { column ->
        if (!header.contains(column)) {
            faults << "${path}: column '${column}' is missing"
        }
    }
    stopAt(faults)
    def rows = []
    lines.drop(1).eachWithIndex { line, number ->
        def fields = splitLine(line)
        def place = "${path}, row ${number + 1}"
        if (fields.size() != header.size()) {
            faults << "${place}: has ${fields.size()} fields, the first line ${header.size()}"
        } else {
            def row = [header, fields].transpose().collectEntries().findAll { _column, value -> value != '' }
            required.each { column ->
                if (!row.containsKey(column)) {
                    faults << "${place}: '${column}' is empty"
                }
            }
            row.each { column, value -> faults.addAll(faultsOf("${place}, ${column}", value, rules[column], table.parent)) }
            rows << row
        }
    }
    stopAt(faults)
    return rows
}

// Split a line of a CSV file; fields with commas stand in double quotes.
def splitLine(line) {
    def fields = []
    def field = new StringBuilder()
    def quoted = false
    line.each { letter ->
        if (letter == '"') {
            quoted = !quoted
        } else if (letter == ',' && !quoted) {
            fields << field.toString().trim()
            field = new StringBuilder()
        } else {
            field.append(letter)
        }
    }
    fields << field.toString().trim()
    return fields
}

// A path of a samplesheet: as it stands where it is absolute or an address, else beside the sheet.
def beside(folder, value) {
    def text = value.toString()
    return folder == null || text.startsWith('/') || text.contains('://') ? plainFile(text) : folder.resolve(text)
}

// What a parameter's value is in itself, before what it says: a file of -params-file may hold any kind.
def faultsOfKind(place, value, rule) {
    if (value instanceof Collection || value instanceof Map) {
        return ["${place}: is a list; write one text, with commas between where several are meant"]
    }
    if (rule.type == 'boolean' && !(value instanceof Boolean)) {
        def text = value.toString()
        return ["${place}: '${text}' is ${text in ['true', 'false'] ? 'a text; write it without quotes' : 'neither true nor false'}"]
    }
    if (rule.type != 'boolean' && value instanceof Boolean) {
        return ["${place}: is given without a value"]
    }
    return []
}

def faultsOf(place, value, rule, folder) {
    def text = value.toString()
    if (text.contains("'") || text.contains('\n') || text.contains('\\')) {
        return ["${place}: '${text}' holds a quote, a backslash or a line break; leave it away"]
    }
    // Nextflow puts file names into a task's script without quotes, and the shell would read these.
    if (rule.format == 'file-path' && ['$', '{', '}'].any { sign -> text.contains(sign) }) {
        return ["${place}: '${text}' holds a dollar sign or a brace; give the file another name"]
    }
    if (rule.type == 'boolean') {
        return text in ['true', 'false'] ? [] : ["${place}: '${text}' is neither true nor false"]
    }
    if (rule.type in ['integer', 'number']) {
        return faultsOfNumber(place, text, rule)
    }
    if (rule['enum'] && !rule['enum'].contains(text)) {
        return ["${place}: '${text}' is none of ${rule['enum'].join(', ')}"]
    }
    if (rule.pattern && !(text ==~ rule.pattern)) {
        return ["${place}: '${text}' is not ${rule.errorMessage ?: "of the form ${rule.pattern}"}"]
    }
    if (rule.exists && !beside(folder, text).exists()) {
        return ["${place}: ${beside(folder, text)}: no such ${rule.format == 'directory-path' ? 'folder' : 'file'}"]
    }
    return []
}

def faultsOfNumber(place, text, rule) {
    def form = rule.type == 'integer' ? /[+-]?\d+/ : /[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/
    if (!(text ==~ form)) {
        return ["${place}: '${text}' is no ${rule.type == 'integer' ? 'whole number' : 'number'}"]
    }
    def low = rule.minimum
    def high = rule.maximum
    if ((low != null && text.toBigDecimal() < low) || (high != null && text.toBigDecimal() > high)) {
        return ["${place}: ${text} is not ${high == null ? "at least ${low}" : "from ${low} to ${high}"}"]
    }
    return []
}

def camelCase(name) {
    return name.replaceAll(/_([a-z0-9])/) { all -> all[1].toUpperCase() }
}

// ' (did you mean ...?)' where a known name is close, else nothing.
def nearest(name, known) {
    def closest = known.min { other -> distance(name.toLowerCase(), other) }
    return closest && distance(name.toLowerCase(), closest) <= Math.max(2, name.length().intdiv(3)) ? " (did you mean ${closest}?)" : ''
}

// Levenshtein's distance.
def distance(one, two) {
    def above = (0..two.length()).toList()
    (1..<(one.length() + 1)).each { i ->
        def row = [i]
        (1..<(two.length() + 1)).each { j ->
            row << [above[j] + 1, row[j - 1] + 1, above[j - 1] + (one[i - 1] == two[j - 1] ? 0 : 1)].min()
        }
        above = row
    }
    return above[two.length()]
}

def stopAt(faults) {
    if (faults) {
        error(faults.join('\n'))
    }
}
