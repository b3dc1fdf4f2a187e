using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Fuzz;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Tests.Files;

/// <summary>
/// Parsers of the engine on changed inputs, some seconds each; <c>dotnet run -c Release --project tests/AhnSharp.Fuzz -- --target all
/// --seconds 3600</c> goes on for hours. Those of documents are in AhnSharp.Documents.Tests.
/// </summary>
[Trait("Category", "Slow")]
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("gguf")]
    [InlineData("model")]
    [InlineData("adapter")]
    [InlineData("safetensors")]
    [InlineData("hf-folder")]
    [InlineData("tokenizer")]
    [InlineData("template")]
    [InlineData("snapshot")]
    [InlineData("documents-section")]
    [InlineData("conversation-section")]
    [InlineData("recall-set")]
    [InlineData("eval-jsonl")]
    [InlineData("hub-list")]
    [InlineData("hub-cache")]
    [InlineData("hub-name")]
    public void No_input_breaks_a_parser(string name) => FuzzSuite.Check(name, output.WriteLine);

    [Fact]
    public void A_parser_that_throws_something_else_or_takes_too_much_or_has_no_end_is_found()
    {
        using TemporaryFolder folder = new();
        List<FuzzFind> finds = [];
        FuzzTarget target = new()
        {
            Name = "bad",
            Extension = ".bin",
            Seeds = static () => [[1, 2, 3, 4]],
            Read = static (bytes, _) =>
            {
                if (bytes.Length > 4) throw new InvalidOperationException("no");
                if (bytes.Length < 4) GC.KeepAlive(new byte[1 << 20]);
                if (bytes[^1] > 100) throw new FormatException("no sentence");
                if (bytes[0] > 100) Thread.Sleep(Timeout.Infinite);
            },
            IsExpected = static e => e is FormatException,
            BytesPerByte = 1,
            ConstantBytes = 1000,
            MaxTime = TimeSpan.FromMilliseconds(50),
            InputsInSuite = 0,
        };
        bool hung = false;
        for (int seed = 1; seed <= 20 && !hung; seed++)
            hung = Fuzzer.Run(target, seed, 0, 100, TimeSpan.FromSeconds(20), folder.Path, static _ => { }, finds.Add).Hung;
        Assert.Contains(finds, find => find.What.StartsWith("InvalidOperationException: no", StringComparison.Ordinal));
        Assert.Contains(finds, find => find.What.StartsWith("no sentence, 11 characters", StringComparison.Ordinal));
        Assert.Contains(finds, find => find.What.Contains("bytes allocated", StringComparison.Ordinal));
        Assert.Contains(finds, find => find.What.Contains("no end in", StringComparison.Ordinal));
        Assert.True(hung);
        FuzzFind one = finds[0];
        Assert.Equal(one.Input, Fuzzer.InputOf(target, one.Seed, one.Number, target.Seeds()));
    }
}
