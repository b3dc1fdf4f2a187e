using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Tokens → expressions, from the loosest operator to the tightest; operands are left to <see cref="OperandParser"/>.</summary>
/// <remarks>
/// inline if · or · and · not · comparisons and in · + − · ~ · * / // % · ** · operands.
/// Source: the Jinja documentation, "Expressions"; the precedence is that of its parser.
/// </remarks>
internal sealed class ExpressionParser
{
    private readonly TemplateCursor _cursor;
    private readonly OperandParser _operands;

    public ExpressionParser(TemplateCursor cursor)
    {
        _cursor = cursor;
        _operands = new OperandParser(cursor, this);
    }

    /// <summary>The operands, which know the names that were used.</summary>
    public OperandParser Operands => _operands;

    /// <summary>An expression, or a tuple of them without brackets.</summary>
    /// <param name="conditional">False where an <c>if</c> after it belongs to the statement (for loops).</param>
    public TemplateExpression ParseTuple(bool conditional = true)
    {
        int line = _cursor.Line;
        TemplateExpression first = conditional ? Parse() : ParseOr();
        if (!_cursor.At(",")) return first;
        List<TemplateExpression> items = [first];
        while (_cursor.TryTake(","))
        {
            if (_cursor.Current.Kind is TemplateTokenKind.TagEnd or TemplateTokenKind.PrintEnd || _cursor.At(")")) break;
            items.Add(conditional ? Parse() : ParseOr());
        }
        return new TupleExpression(line, items);
    }

    public TemplateExpression Parse()
    {
        _cursor.Enter();
        int line = _cursor.Line;
        TemplateExpression value = ParseOr();
        while (_cursor.TryTakeWord("if"))
        {
            TemplateExpression test = ParseOr();
            value = new ConditionalExpression(line, test, value, _cursor.TryTakeWord("else") ? Parse() : null);
        }
        _cursor.Leave();
        return value;
    }

    private TemplateExpression ParseOr()
    {
        int line = _cursor.Line;
        List<TemplateExpression> operands = [ParseAnd()];
        while (_cursor.TryTakeWord("or")) operands.Add(ParseAnd());
        return operands.Count == 1 ? operands[0] : new LogicExpression(line, operands, isAnd: false);
    }

    private TemplateExpression ParseAnd()
    {
        int line = _cursor.Line;
        List<TemplateExpression> operands = [ParseNot()];
        while (_cursor.TryTakeWord("and")) operands.Add(ParseNot());
        return operands.Count == 1 ? operands[0] : new LogicExpression(line, operands, isAnd: true);
    }

    private TemplateExpression ParseNot()
    {
        int line = _cursor.Line;
        if (!_cursor.TryTakeWord("not")) return ParseComparison();
        _cursor.Enter();
        NotExpression value = new(line, ParseNot());
        _cursor.Leave();
        return value;
    }

    private TemplateExpression ParseComparison()
    {
        int line = _cursor.Line;
        TemplateExpression first = ParseSum();
        List<(string, TemplateExpression)> rest = [];
        while (true)
        {
            string? symbol = null;
            if (_cursor.At("==") || _cursor.At("!=") || _cursor.At("<") || _cursor.At("<=") || _cursor.At(">")
                || _cursor.At(">=")) symbol = _cursor.Take().Text;
            else if (_cursor.TryTakeWord("in")) symbol = "in";
            else if (_cursor.AtWord("not") && _cursor.NextIs("in")) symbol = "not in";
            if (symbol is null) break;
            if (symbol == "not in")
            {
                _cursor.Take();
                _cursor.Take();
            }
            rest.Add((symbol, ParseSum()));
        }
        return rest.Count == 0 ? first : new CompareExpression(line, first, rest);
    }

    private TemplateExpression ParseSum()
    {
        TemplateExpression value = ParseConcatenation();
        while (_cursor.At("+") || _cursor.At("-"))
        {
            TemplateToken symbol = _cursor.Take();
            value = new ArithmeticExpression(symbol.Line, symbol.Text, value, ParseConcatenation());
        }
        return value;
    }

    private TemplateExpression ParseConcatenation()
    {
        int line = _cursor.Line;
        List<TemplateExpression> operands = [ParseProduct()];
        while (_cursor.TryTake("~")) operands.Add(ParseProduct());
        return operands.Count == 1 ? operands[0] : new ConcatenationExpression(line, operands);
    }

    private TemplateExpression ParseProduct()
    {
        TemplateExpression value = ParsePower();
        while (_cursor.At("*") || _cursor.At("/") || _cursor.At("//") || _cursor.At("%"))
        {
            TemplateToken symbol = _cursor.Take();
            value = new ArithmeticExpression(symbol.Line, symbol.Text, value, ParsePower());
        }
        return value;
    }

    private TemplateExpression ParsePower()
    {
        TemplateExpression value = _operands.Parse(filtered: true);
        while (_cursor.At("**"))
        {
            TemplateToken symbol = _cursor.Take();
            // From left to right, as Jinja has it.
            value = new ArithmeticExpression(symbol.Line, symbol.Text, value, _operands.Parse(filtered: true));
        }
        return value;
    }
}
