using System.Collections.Generic;
using System.Globalization;
using System.Numerics;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Tokens → operands: values, names, lists and mappings, with what follows them: attributes, items, calls, filters and
/// tests.</summary>
internal sealed class OperandParser(TemplateCursor cursor, ExpressionParser expressions)
{
    /// <summary>Names that were used since the list was made: a macro takes what its block uses.</summary>
    public HashSet<string> NamesUsed { get; set; } = [];

    /// <summary>An operand with its signs, calls, attributes and items.</summary>
    /// <param name="filtered">Whether filters and tests after it are part of it.</param>
    public TemplateExpression Parse(bool filtered)
    {
        int line = cursor.Line;
        TemplateExpression value;
        if (cursor.At("-") || cursor.At("+"))
        {
            cursor.Enter();
            bool negative = cursor.Take().Text == "-";
            value = Parse(filtered: false);
            value = new SignedExpression(line, negative, value);
            cursor.Leave();
        }
        else
        {
            value = ParsePrimary();
        }
        value = ParsePostfix(value);
        return filtered ? ParseFilters(value) : value;
    }

    private TemplateExpression ParsePrimary()
    {
        TemplateToken token = cursor.Take();
        switch (token.Kind)
        {
            case TemplateTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new ConstantExpression(token.Line, true),
                    "false" or "False" => new ConstantExpression(token.Line, false),
                    "none" or "None" => new ConstantExpression(token.Line, null),
                    _ => Name(token),
                };
            case TemplateTokenKind.String:
                string text = token.Text;
                while (cursor.Current.Kind == TemplateTokenKind.String) text += cursor.Take().Text;
                return new ConstantExpression(token.Line, TemplateString.OfTemplate(text));
            case TemplateTokenKind.Integer when TemplateNumber.ParseInteger(token.Text, 0) is BigInteger integer:
                return new ConstantExpression(token.Line, integer >= long.MinValue && integer <= long.MaxValue ? (object)(long)integer
                    : integer);
            case TemplateTokenKind.Integer:
                throw new ChatTemplateException(token.Line,
                    $"found {token.Described}, which is no integer of at most {TemplateNumber.MaximumDigits} digits.");
            case TemplateTokenKind.Float:
                return new ConstantExpression(token.Line, double.Parse(token.Text, CultureInfo.InvariantCulture));
            case TemplateTokenKind.Operator when token.Text == "(":
                if (cursor.TryTake(")")) return new TupleExpression(token.Line, []);
                TemplateExpression inner = expressions.ParseTuple();
                cursor.Expect(")");
                return inner;
            case TemplateTokenKind.Operator when token.Text == "[":
                return new ListExpression(token.Line, ParseItems("]"));
            case TemplateTokenKind.Operator when token.Text == "{":
                return ParseMap(token.Line);
            default:
                throw new ChatTemplateException(token.Line, $"expected a value, found {token.Described}.");
        }
    }

    private NameExpression Name(TemplateToken token)
    {
        NamesUsed.Add(token.Text);
        return new NameExpression(token.Line, token.Text);
    }

    private List<TemplateExpression> ParseItems(string close)
    {
        List<TemplateExpression> items = [];
        while (!cursor.TryTake(close))
        {
            if (items.Count > 0) cursor.Expect(",");
            if (cursor.TryTake(close)) break;
            items.Add(expressions.Parse());
        }
        return items;
    }

    private MapExpression ParseMap(int line)
    {
        List<(TemplateExpression, TemplateExpression)> pairs = [];
        while (!cursor.TryTake("}"))
        {
            if (pairs.Count > 0) cursor.Expect(",");
            if (cursor.TryTake("}")) break;
            TemplateExpression key = expressions.Parse();
            cursor.Expect(":");
            pairs.Add((key, expressions.Parse()));
        }
        return new MapExpression(line, pairs);
    }

    private TemplateExpression ParsePostfix(TemplateExpression value)
    {
        while (true)
        {
            int line = cursor.Line;
            if (cursor.TryTake(".")) value = ParseAttribute(line, value);
            else if (cursor.TryTake("[")) value = ParseSubscript(line, value);
            else if (cursor.At("(")) value = new CallExpression(line, value, ParseArguments());
            else return value;
        }
    }

    private TemplateExpression ParseAttribute(int line, TemplateExpression target)
    {
        if (cursor.Current.Kind == TemplateTokenKind.Integer
            && long.TryParse(cursor.Current.Text, CultureInfo.InvariantCulture, out long index))
        {
            cursor.Take();
            return new SubscriptExpression(line, target, new ConstantExpression(line, index));
        }
        return new AttributeExpression(line, target, cursor.TakeName("the name of an attribute after '.'"));
    }

    private TemplateExpression ParseSubscript(int line, TemplateExpression target)
    {
        TemplateExpression?[] bounds = new TemplateExpression?[3];
        int colons = 0;
        while (!cursor.At("]"))
        {
            if (cursor.TryTake(":"))
            {
                if (++colons > 2) throw cursor.Error("expected at most two ':' in a slice, found a third.");
            }
            else if (bounds[colons] is null)
            {
                bounds[colons] = expressions.Parse();
            }
            else
            {
                throw cursor.Error($"expected ']', found {cursor.Current.Described}.");
            }
        }
        if (colons == 0 && bounds[0] is null) throw cursor.Error("expected an index between '[' and ']', found none.");
        cursor.Take();
        return colons == 0 ? new SubscriptExpression(line, target, bounds[0]!) : new SliceExpression(line, target, bounds);
    }

    private ArgumentList ParseArguments()
    {
        cursor.Expect("(");
        List<TemplateExpression> positional = [];
        List<(string, TemplateExpression)> named = [];
        TemplateExpression? rest = null, namedRest = null;
        for (int count = 0; !cursor.TryTake(")"); count++)
        {
            if (count > 0) cursor.Expect(",");
            if (cursor.TryTake(")")) break;
            if (namedRest is not null) throw cursor.Error("an argument follows one with '**'.");
            if (cursor.TryTake("**"))
            {
                namedRest = expressions.Parse();
            }
            else if (cursor.TryTake("*"))
            {
                if (rest is not null) throw cursor.Error("two arguments have '*'.");
                rest = expressions.Parse();
            }
            else if (cursor.AtName && cursor.NextIs("="))
            {
                string name = cursor.Take().Text;
                cursor.Take();
                if (named.Exists(argument =>
                    argument.Item1 == name)) throw cursor.Error($"the argument {GgufText.Quote(name)} is given twice.");
                named.Add((name, expressions.Parse()));
            }
            else
            {
                if (named.Count > 0 || rest is not null) throw cursor.Error("an argument without name follows one with a name.");
                positional.Add(expressions.Parse());
            }
        }
        return new ArgumentList(positional, named, rest, namedRest);
    }

    /// <summary>The filters of a block's tag, behind their first <c>|</c>.</summary>
    public TemplateExpression ParseBlockFilters()
    {
        TemplateExpression filters = ParseFilter(cursor.Line, null);
        while (cursor.At("|"))
        {
            int line = cursor.Take().Line;
            filters = ParseFilter(line, filters);
        }
        return filters;
    }

    private TemplateExpression ParseFilters(TemplateExpression value)
    {
        while (true)
        {
            int line = cursor.Line;
            if (cursor.TryTake("|")) value = ParseFilter(line, value);
            else if (cursor.TryTakeWord("is")) value = ParseTest(line, value);
            else if (cursor.At("(")) value = new CallExpression(line, value, ParseArguments());
            else return value;
        }
    }

    /// <summary>The rest of a filter after its <c>|</c>.</summary>
    private FilterExpression ParseFilter(int line, TemplateExpression? value)
    {
        string name = cursor.TakeName("the name of a filter after '|'");
        TemplateFilter filter = TemplateFilters.Find(name)
            ?? throw new ChatTemplateException(line,
                $"the filter {GgufText.Quote(name)} is not supported; these are: {string.Join(", ", TemplateFilters.Names)}.");
        return new FilterExpression(line, value, name, filter, cursor.At("(") ? ParseArguments() : ArgumentList.None);
    }

    /// <summary>The rest of a test after its <c>is</c>; one argument may follow without brackets.</summary>
    private TestExpression ParseTest(int line, TemplateExpression value)
    {
        bool negated = cursor.TryTakeWord("not");
        string name = cursor.TakeName("the name of a test after 'is'");
        TemplateTest test = TemplateTests.Find(name)
            ?? throw new ChatTemplateException(line,
                $"the test {GgufText.Quote(name)} is not supported; these are: {string.Join(", ", TemplateTests.Names)}.");
        ArgumentList arguments = ArgumentList.None;
        if (cursor.At("("))
        {
            arguments = ParseArguments();
        }
        else if (BeginsArgument())
        {
            cursor.Enter();
            arguments = new ArgumentList([ParsePostfix(ParsePrimary())], []);
            cursor.Leave();
        }
        return new TestExpression(line, value, name, test, negated, arguments);
    }

    private bool BeginsArgument() => cursor.Current.Kind switch
    {
        TemplateTokenKind.String or TemplateTokenKind.Integer or TemplateTokenKind.Float => true,
        TemplateTokenKind.Name => cursor.Current.Text is not ("and" or "or" or "else" or "if" or "is" or "in" or "not"),
        _ => cursor.At("[") || cursor.At("{"),
    };
}
