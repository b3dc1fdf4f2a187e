using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Measurement;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Bench;

/// <summary>What <c>ahn bench --claims</c> found.</summary>
/// <param name="Model">Which file.</param>
/// <param name="Window">W.</param>
/// <param name="Sinks">S.</param>
/// <param name="CharactersPerToken">By which <see cref="Characters"/> became tokens.</param>
/// <param name="Characters">Of the second length.</param>
/// <param name="PaperStateChange">The paper's saving of bytes at 128K tokens.</param>
/// <param name="PaperOperationsChange">The paper's saving of operations.</param>
/// <param name="Tests">The long text, then the text of so many characters.</param>
internal sealed record ClaimsReport(
    string Model, int Window, int Sinks, double CharactersPerToken, int Characters, double PaperStateChange, double PaperOperationsChange,
    IReadOnlyList<ClaimsTest> Tests)
{
    /// <summary>English prose in Qwen2.5's vocabulary, roughly.</summary>
    internal const double EnglishCharactersPerToken = 4.2;

    internal const int ClaimedCharacters = 50_000;

    internal ModeReport ToReport()
    {
        List<Grid> grids = [];
        foreach (ClaimsTest test in Tests)
        {
            Grid grid = new($"{BenchTable.Number(test.Tokens, 0)} tokens", "full attention", "window + memory", "change", "paper");
            bool isLong = test == Tests[0];
            grid.Add("bytes of state (counted)", ByteProgress.Size(test.Full.StateBytes), ByteProgress.Size(test.Ahn.StateBytes),
                Change(test.StateChange), isLong ? Change(PaperStateChange) : "");
            grid.Add("operations of the text, T multiply-adds (counted)", Tera(test.Full.Operations.Total), Tera(test.Ahn.Operations.Total),
                Change(test.OperationsChange), isLong ? Change(PaperOperationsChange) : "");
            grid.Add("· matrices and head", Tera(test.Full.Operations.Matrices + test.Full.Operations.Head),
                Tera(test.Ahn.Operations.Matrices + test.Ahn.Operations.Head), "", "");
            grid.Add("· attention", Tera(test.Full.Operations.Attention), Tera(test.Ahn.Operations.Attention), "", "");
            grid.Add("· memory", Tera(test.Full.Operations.Memory), Tera(test.Ahn.Operations.Memory), "", "");
            Speed(grid, "reading the last tokens, tokens/s (measured)", test.Full.ReadTokensPerSecond, test.Ahn.ReadTokensPerSecond);
            Speed(
                grid, "generating behind them, tokens/s (measured)", test.Full.GeneratedTokensPerSecond, test.Ahn.GeneratedTokensPerSecond);
            grids.Add(grid);
        }
        string within = Tests[^1].Tokens <= Window + Sinks
            ? ": all of it lies within the window, so nothing is saved there, and the gates that are computed cost a little"
            : "";
        string[] lines =
        [
            $"{Model}: full attention against S {BenchTable.Number(Sinks, 0)} + "
                + $"W {BenchTable.Number(Window, 0)} and memory, kv as the options say. Counted: bytes by the session's plan; "
                + $"operations from the shapes, for every token of the text, norms and softmax left out.",
            Tests.Any(test => test.Full.ReadTokensPerSecond is not null)
                ? "Measured: the whole model, all its layers, at the end of the text; the text before is made up (random keys, "
                    + "values and memories in the session), since reading it would take hours and speed does not depend on values."
                : "Nothing was measured (--no-measure).",
            $"{BenchTable.Number(Characters, 0)} characters are {BenchTable.Number(Tests[^1].Tokens, 0)} tokens at "
                + $"{BenchTable.Number(CharactersPerToken, 1)} characters per token of English{within}.",
        ];
        return new ModeReport($"{Model}: the paper's claims", lines, grids, JsonSerializer.Serialize(this, BenchJson.Default.ClaimsReport));
    }

    /// <summary>W and S of the paper's runs, unless others are given.</summary>
    internal static SessionOptions OptionsOf(SessionOptions given) =>
        given with { Window = given.Window ?? ClaimsTest.PaperWindow, Sinks = given.Sinks ?? ClaimsTest.PaperSinks };

    private static void Speed(Grid grid, string name, double? full, double? ahn)
    {
        if (full is { } before && ahn is { } after)
            grid.Add(name, BenchTable.Speed(before), BenchTable.Speed(after), $"{BenchTable.Number(after / before, 2)} ×", "");
    }

    private static string Tera(double multiplyAdds) => BenchTable.Number(multiplyAdds / 1e12, 1);

    private static string Change(double share) => $"{(share < 0 ? "−" : "+")}{BenchTable.Number(System.Math.Abs(100 * share), 1)} %";
}
