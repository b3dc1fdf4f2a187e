using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>What a real Jinja, set up as transformers sets it up, makes of some six hundred templates (<c>make_jinja.py</c>).</summary>
public sealed class JinjaTests
{
    [Fact]
    public void Every_construct_gives_what_a_real_Jinja_gives()
    {
        JsonNode fixture = TemplateCase.Read("jinja.json");
        List<string> wrong = [];
        foreach (JsonNode? c in fixture["cases"]!.AsArray())
        {
            JsonNode input = c!["messages"] is null ? fixture["inputs"]![c["input"]?.GetValue<string>() ?? "plain"]! : c;
            string source = c["template"]!.GetValue<string>(), expected = c["expected"]?.GetValue<string>() ?? "(refused)";
            string found;
            try
            {
                found = ChatTemplate.Parse(source, time: TemplateCase.Clock).Render(TemplateCase.Messages(input),
                    TemplateCase.Tools(input));
            }
            catch (ChatTemplateException e)
            {
                found = c["expected"] is null ? "(refused)" : e.Message;
            }
            if (found != expected) wrong.Add($"{source}\n  expected {expected}\n  found    {found}");
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {fixture["cases"]!.AsArray().Count}:\n{string.Join('\n', wrong)}");
        Assert.True(fixture["cases"]!.AsArray().Count > 550);
    }

    public static TheoryData<string> Family =>
        [.. Directory.EnumerateFiles(Fixture.File("templates/family"), "*.jinja").Select(path => Path.GetFileName(path)!).Order()];

    [Theory]
    [MemberData(nameof(Family))]
    public void Templates_in_the_style_of_the_family_give_what_a_real_Jinja_gives(string name)
    {
        ChatTemplate template = ChatTemplate.Parse(File.ReadAllText(Fixture.File($"templates/family/{name}")), time: TemplateCase.Clock);
        JsonArray expected = TemplateCase.Read("family.expected.json")[name]!.AsArray(), cases = TemplateCase.Read("cases.json").AsArray();
        Assert.Equal(expected.Count, cases.Count);
        for (int i = 0; i < cases.Count; i++)
        {
            if (expected[i] is not { } wanted) continue;
            (List<ChatMessage> messages, List<JsonNode>? tools) = (TemplateCase.Messages(cases[i]!), TemplateCase.Tools(cases[i]!));
            if (wanted["expected"] is { } text) Assert.Equal(text.GetValue<string>(), template.Render(messages, tools));
            else Assert.Throws<ChatTemplateException>(() => template.Render(messages, tools));
        }
    }
}
