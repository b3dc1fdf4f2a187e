using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Source → statements. Tags other than those below are refused by name.</summary>
internal sealed class TemplateParser
{
    private static readonly string[] Tags = ["if", "for", "set", "macro", "call", "filter", "with", "generation", "raw", "break",
        "continue"];

    private readonly TemplateCursor _cursor;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private TemplateParser(List<TemplateToken> tokens)
    {
        _cursor = new TemplateCursor(tokens);
        _expressions = new ExpressionParser(_cursor);
    }

    public static List<TemplateStatement> Parse(string source)
    {
        if (source.Length > TemplateBudget.MaximumSource)
            throw new ChatTemplateException(1,
                $"expected at most {TemplateBudget.MaximumSource} characters of template, found {source.Length}.");
        TemplateParser parser = new(TemplateLexer.Read(source));
        return parser.ParseBlock(null, 1);
    }

    /// <summary>Statements up to one of the given end tags, whose name is left to be read; or to the end of the source.</summary>
    private List<TemplateStatement> ParseBlock(string? opener, int openedAt, params string[] ends)
    {
        _cursor.Enter();
        List<TemplateStatement> block = [];
        while (true)
        {
            TemplateToken token = _cursor.Take();
            switch (token.Kind)
            {
                case TemplateTokenKind.Data:
                    block.Add(new TextStatement(token.Line, token.Text));
                    break;
                case TemplateTokenKind.PrintBegin:
                    block.Add(new PrintStatement(token.Line, _expressions.ParseTuple()));
                    _cursor.Expect(TemplateTokenKind.PrintEnd, "'}}'");
                    break;
                case TemplateTokenKind.TagBegin:
                    if (_cursor.AtName && ends.Contains(_cursor.Current.Text))
                    {
                        _cursor.Leave();
                        return block;
                    }
                    block.Add(ParseTag(token.Line));
                    break;
                default:
                    if (opener is not null) throw new ChatTemplateException(openedAt, $"the tag '{opener}' is not closed by '{ends[^1]}'.");
                    _cursor.Leave();
                    return block;
            }
        }
    }

    private TemplateStatement ParseTag(int line)
    {
        string tag = _cursor.TakeName("the name of a tag");
        switch (tag)
        {
            case "if": return ParseIf(line);
            case "for": return ParseFor(line);
            case "set": return ParseSet(line);
            case "macro": return ParseMacro(line);
            case "call": return ParseCall(line);
            case "filter": return ParseFilterBlock(line);
            case "with": return ParseWith(line);
            case "generation":
                EndTag();
                return new GenerationStatement(line, ParseApart("generation", line, "endgeneration"));
            case "break" or "continue":
                if (_loops == 0) throw new ChatTemplateException(line, $"found '{tag}' outside of a for loop.");
                EndTag();
                return new FlowStatement(line, tag == "break" ? TemplateFlow.Break : TemplateFlow.Continue);
            default:
                throw new ChatTemplateException(line,
                    $"the tag {GgufText.Quote(tag)} is not supported here; these are: {string.Join(", ", Tags)}.");
        }
    }

    private IfStatement ParseIf(int line)
    {
        List<(TemplateExpression?, List<TemplateStatement>)> branches = [];
        TemplateExpression? test = _expressions.ParseTuple();
        while (true)
        {
            EndTag();
            branches.Add((test, test is null ? ParseBlock("if", line, "endif") : ParseBlock("if", line, "elif", "else", "endif")));
            string tag = _cursor.Take().Text;
            if (tag == "endif") break;
            test = tag == "elif" ? _expressions.ParseTuple() : null;
        }
        EndTag();
        return new IfStatement(line, branches);
    }

    private ForStatement ParseFor(int line)
    {
        List<string> names = ParseNames("in", out bool unpack);
        _cursor.ExpectWord("in");
        TemplateExpression items = _expressions.ParseTuple(conditional: false);
        TemplateExpression? filter = _cursor.TryTakeWord("if") ? _expressions.Parse() : null;
        bool recursive = _cursor.TryTakeWord("recursive");
        EndTag();
        _loops++;
        List<TemplateStatement> block = ParseBlock("for", line, "else", "endfor");
        _loops--;
        List<TemplateStatement>? otherwise = null;
        if (_cursor.Take().Text == "else")
        {
            EndTag();
            otherwise = ParseBlock("for", line, "endfor");
            _cursor.Take();
        }
        EndTag();
        return new ForStatement(line, names, unpack, items, filter, recursive, block, otherwise);
    }

    private TemplateStatement ParseSet(int line)
    {
        if (_cursor.NextIs("."))
        {
            string space = _cursor.TakeName("the name to set");
            _cursor.Take();
            string name = _cursor.TakeName("the name of an attribute after '.'");
            _cursor.Expect("=");
            TemplateExpression assigned = _expressions.ParseTuple();
            EndTag();
            return new SetAttributeStatement(line, space, name, assigned);
        }
        List<string> names = ParseNames("=", out bool unpack);
        if (_cursor.TryTake("="))
        {
            TemplateExpression value = _expressions.ParseTuple();
            EndTag();
            return new SetStatement(line, names, unpack, value);
        }
        TemplateExpression? filters = _cursor.TryTake("|") ? _expressions.Operands.ParseBlockFilters() : null;
        if (unpack) throw _cursor.Error($"expected '=', found {_cursor.Current.Described}.");
        EndTag();
        List<TemplateStatement> block = ParseApart("set", line, "endset");
        return new SetBlockStatement(line, names[0], filters, block);
    }

    private MacroStatement ParseMacro(int line)
    {
        string name = _cursor.TakeName("the name of the macro");
        return new MacroStatement(line, ParseDefinition(name, ParseParameters(), "macro", line));
    }

    private CallStatement ParseCall(int line)
    {
        List<(string, TemplateExpression?)> parameters = _cursor.At("(") ? ParseParameters() : [];
        if (_expressions.Parse() is not CallExpression call) throw new ChatTemplateException(line,
            "expected the call of a macro in the tag 'call'.");
        return new CallStatement(line, call, ParseDefinition("caller", parameters, "call", line));
    }

    private FilterStatement ParseFilterBlock(int line)
    {
        TemplateExpression filters = _expressions.Operands.ParseBlockFilters();
        EndTag();
        return new FilterStatement(line, filters, ParseApart("filter", line, "endfilter"));
    }

    private WithStatement ParseWith(int line)
    {
        List<(List<string>, bool, TemplateExpression)> assigned = [];
        while (_cursor.AtName || _cursor.At("("))
        {
            List<string> names = [_cursor.TakeName("a name to set")];
            _cursor.Expect("=");
            assigned.Add((names, false, _expressions.Parse()));
            if (!_cursor.TryTake(",")) break;
        }
        EndTag();
        List<TemplateStatement> block = ParseBlock("with", line, "endwith");
        _cursor.Take();
        EndTag();
        return new WithStatement(line, assigned, block);
    }

    private List<(string, TemplateExpression?)> ParseParameters()
    {
        List<(string, TemplateExpression?)> parameters = [];
        _cursor.Expect("(");
        while (!_cursor.TryTake(")"))
        {
            if (parameters.Count > 0) _cursor.Expect(",");
            string parameter = _cursor.TakeName("the name of a parameter");
            TemplateExpression? fallback = _cursor.TryTake("=") ? _expressions.Parse() : null;
            if (fallback is null && parameters.Count > 0 && parameters[^1].Item2 is not null)
                throw _cursor.Error($"the parameter {GgufText.Quote(parameter)} without default follows one with a default.");
            parameters.Add((parameter, fallback));
        }
        return parameters;
    }

    // The rest of a macro's or call's tag, its block, and what of its call that uses.
    private MacroDefinition ParseDefinition(string name, List<(string, TemplateExpression?)> parameters, string opener, int line)
    {
        EndTag();
        HashSet<string> outer = _expressions.Operands.NamesUsed;
        _expressions.Operands.NamesUsed = [];
        List<TemplateStatement> block = ParseApart(opener, line, "end" + opener);
        HashSet<string> used = _expressions.Operands.NamesUsed;
        outer.UnionWith(used);
        _expressions.Operands.NamesUsed = outer;
        bool own(string special) => used.Contains(special) && !parameters.Exists(parameter => parameter.Item1 == special);
        return new MacroDefinition(name, parameters, block, own("varargs"), own("kwargs"), own("caller"));
    }

    /// <summary>A block whose output is taken apart, so that no break leads out of it.</summary>
    private List<TemplateStatement> ParseApart(string opener, int line, string end)
    {
        int loops = _loops;
        _loops = 0;
        List<TemplateStatement> block = ParseBlock(opener, line, end);
        _loops = loops;
        _cursor.Take();
        EndTag();
        return block;
    }

    private List<string> ParseNames(string until, out bool unpack)
    {
        bool bracketed = _cursor.TryTake("(");
        List<string> names = [_cursor.TakeName($"a name before '{until}'")];
        unpack = false;
        while (_cursor.TryTake(","))
        {
            unpack = true;
            if (!_cursor.AtName || _cursor.AtWord("in")) break;
            names.Add(_cursor.TakeName("a name"));
        }
        if (bracketed) _cursor.Expect(")");
        return names;
    }

    private void EndTag() => _cursor.Expect(TemplateTokenKind.TagEnd, "'%}'");
}
