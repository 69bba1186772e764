// What --help prints: the parameters in their groups, as the schema describes them.

include { readSchema } from './parameters.nf'

def helpText() {
    def schema = readSchema("${projectDir}/nextflow_schema.json")
    def blocks = schema['$defs'].values().collect { group ->
        def lines = group.properties.collectMany { name, rule -> linesOf(name, rule, name in (group.required ?: [])) }
        (["${group.title}: ${group.description}"] + lines).join('\n')
    }
    def usage = "usage: nextflow run ${workflow.manifest.mainScript == 'main.nf' ? projectDir : workflow.manifest.name} " +
        '[-profile NAME,...] --input FILE.csv --outdir FOLDER [--PARAMETER VALUE ...]'
    return ([usage, schema.description] + blocks).join('\n\n') + '\n'
}

def linesOf(name, rule, required) {
    def kind = rule['enum'] ? "{${rule['enum'].join(',')}}" : kindOf(rule)
    def notes = (required ? ['required'] : []) + (rule['default'] ? ["default: ${rule['default']}"] : [])
    def text = rule.description + (notes ? " [${notes.join('; ')}]" : '')
    return ["  --${name} ${kind}".stripTrailing()] + wrapped(text, 94).collect { line -> "        ${line}" }
}

def kindOf(rule) {
    if (rule.type == 'boolean') {
        return rule['default'] ? '{true,false}' : ''
    }
    return [('file-path'): 'FILE', ('directory-path'): 'FOLDER'][rule.format] ?: [integer: 'N', number: 'NUMBER'][rule.type] ?: 'TEXT'
}

def wrapped(text, width) {
    def lines = ['']
    text.tokenize(' ').each { word ->
        if (lines.last() && lines.last().length() + word.length() >= width) {
            lines << word
        } else {
            lines[-1] = lines.last() ? "${lines.last()} ${word}".toString() : word
        }
    }
    return lines
}
