using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>The table of docs/scripts.md: it has every command that prints JSON, and each member that it promises is printed.</summary>
public sealed partial class ScriptPageTests : IDisposable
{
    // Of what --json of these is, another page or test says.
    private static readonly Dictionary<string, string> s_elsewhere = new()
    {
        ["bench"] = "prints an array with llama-bench's fields (docs/bench.md)",
    };

    // Not run here: who looks at their objects.
    private static readonly Dictionary<string, string> s_dear = new()
    {
        ["pull"] = nameof(HubCommandTests),
        ["remove"] = nameof(HubCommandTests),
        ["convert"] = nameof(ConvertCommandTests),
        ["synth"] = nameof(ConvertCommandTests),
        ["calibrate"] = nameof(CalibrateCommandTests),
        ["train"] = nameof(TrainCommandTests),
        ["eval"] = nameof(EvalCommandTests),
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_command_that_prints_an_object_has_a_row()
    {
        string[] commands = [.. AhnCommand.Create().Subcommands.Where(command => command.Options.Any(option => option.Name == "--json"))
            .Select(command => command.Name).Except(s_elsewhere.Keys).Order(StringComparer.Ordinal)];
        Assert.Equal(commands, Members().Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            commands, s_dear.Keys.Concat(Lines("t.txt", "a.ahn").Keys).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_promised_member_is_printed()
    {
        string text = _folder.PathOf("text.txt"), session = _folder.PathOf("a.ahn");
        await File.WriteAllTextAsync(text, DemoText.Prose(40));
        Dictionary<string, string[]> members = Members();
        List<string> breaches = [];
        foreach ((string command, string[] line) in Lines(text, session))
        {
            AhnProcess run = await AhnProcess.RunAsync(
                [command, .. line, "--json"], command == "chat" ? "Hi\n" : null, environment: new Dictionary<string, string?>
                {
                    ["HF_HUB_CACHE"] = _folder.PathOf("hub"),
                });
            Assert.True(run.ExitCode == 0, $"{command}: {run.Errors}");
            JsonElement printed = JsonDocument.Parse(run.Output).RootElement;
            Assert.Equal(1, printed.GetProperty("format").GetInt32());
            breaches.AddRange(members[command].Where(member => !printed.TryGetProperty(member, out _))
                .Select(member => $"{command}: expected the member {member}, found {string.Join(", ", Names(printed))}"));
        }
        Assert.True(breaches.Count == 0, string.Join('\n', breaches));
    }

    // By command, in an order in which each finds what the one before wrote.
    private static Dictionary<string, string[]> Lines(string text, string session) => new()
    {
        ["run"] = ["hi", "--max-tokens", "2"],
        ["chat"] = ["--max-tokens", "2"],
        ["read"] = [text, "-o", session],
        ["ask"] = [session, "Who?", "--max-tokens", "2"],
        ["inspect"] = [session],
        ["text"] = [text],
        ["tokens"] = ["a b"],
        ["demo"] = ["--tokens", "1000", "--window", "100", "--sinks", "4"],
        ["fit"] = ["--free", "6GB"],
        ["devices"] = [],
        ["doctor"] = ["--no-measure"],
        ["use"] = [],
        ["config"] = [],
        ["list"] = [],
        ["quantize"] = [DemoText.ModelPath, "out.gguf", "q4_0", "--dry-run", "--requantize"],
        ["perplexity"] = ["-f", text, "--tokens", "20"],
        ["recall"] = ["-f", Path.Combine(Fixture.Repository, "gguf", "dracula.txt"), "--length", "400", "--facts", "1", "--samples", "1"],
    };

    // What a row promises before its first semicolon, without what stands in parentheses.
    private static Dictionary<string, string[]> Members()
    {
        string page = File.ReadAllText(Path.Combine(Fixture.Repository, "docs", "scripts.md"));
        string table = page[page.IndexOf("| command | members |", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("\n\n", StringComparison.Ordinal)];
        Dictionary<string, string[]> members = [];
        foreach (Match row in Row().Matches(table))
        {
            string always = Nested().Replace(row.Groups[2].Value, "").Split(';')[0];
            members.Add(row.Groups[1].Value, [.. Name().Matches(always).Select(name => name.Groups[1].Value)]);
        }
        // Whose row says so.
        members["chat"] = members["run"];
        Assert.All(members, row => Assert.NotEmpty(row.Value));
        return members;
    }

    private static IEnumerable<string> Names(JsonElement one) => one.EnumerateObject().Select(member => member.Name);

    [GeneratedRegex(@"(?m)^\| `(\w+)` \| (.*) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"\([^)]*\)")]
    private static partial Regex Nested();

    [GeneratedRegex("`([a-z_0-9]+)`")]
    private static partial Regex Name();
}
