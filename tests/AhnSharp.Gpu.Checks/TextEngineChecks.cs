using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Checks;
using AhnSharp.Conversion;
using AhnSharp.Generation;
using AhnSharp.Gpu.Model;
using AhnSharp.Network;
using AhnSharp.Testing;

namespace AhnSharp.Gpu.Checks;

/// <summary>A text engine whose model runs on a device: answers that are written at once are those that are written alone.</summary>
public static class TextEngineChecks
{
    private const int End = 256; // behind the tokens of the bytes
    private const int AnswerTokens = 12;

    // Longer than the window of 40 tokens, so that their memories are folded, and of different lengths.
    private static readonly string[] s_texts =
    [
        "It was a dark night, and the Count stood at the window of his castle, waiting.",
        "Mina wrote a long letter about the harbour, the house on the hill and the last train to London; nobody answered it.",
    ];

    public static IEnumerable<Check> Of(CheckedDevice device) =>
        [new Check($"answers at once on {device.Name}", null, () => RunAsync(device).GetAwaiter().GetResult())];

    private static async Task RunAsync(CheckedDevice device)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-gpu-{Guid.NewGuid():N}.gguf");
        Bytes().Write(path);
        try
        {
            using GpuModel there = device.Load(path, chunkTokens: 64);
            TextModel model = TextModel.Of(there);
            List<(int Id, double LogProbability)>[] alone = [.. await AnswersAsync(model, together: false)];
            List<(int Id, double LogProbability)>[] together = [.. await AnswersAsync(model, together: true)];
            for (int i = 0; i < s_texts.Length; i++)
            {
                string ids = IdsOf(alone[i]), found = IdsOf(together[i]);
                if (ids != found)
                    throw new CheckFailedException($"expected the tokens {ids} of text {i}, found {found} beside another text");
                double[] expected = [.. alone[i].Select(token => token.LogProbability)];
                double error = together[i].Select((token, at) => Math.Abs(token.LogProbability - expected[at])).Max();
                if (!(error <= 1e-4))
                    throw new CheckFailedException($"expected the probabilities of text {i} as it has them alone, found {error:e2} more");
            }
            if (alone[0].SequenceEqual(alone[1])) throw new CheckFailedException("expected two texts with two answers, found one answer");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string IdsOf(List<(int Id, double LogProbability)> tokens) => string.Join(' ', tokens.Select(token => token.Id));

    private static async Task<List<(int Id, double LogProbability)>[]> AnswersAsync(TextModel model, bool together)
    {
        await using TextEngine engine = new(
            model, new TextEngineOptions { CacheBytes = 0, MaxAnswers = s_texts.Length, PieceTokens = 32 });
        List<(int Id, double LogProbability)>[] answers = new List<(int Id, double LogProbability)>[s_texts.Length];
        if (!together)
        {
            for (int i = 0; i < answers.Length; i++) answers[i] = await AnswerAsync(engine, s_texts[i], null);
            return answers;
        }
        // The first pass waits until both are under way: a device may be done with one before the other is asked for.
        Gate gate = new(engine);
        await Task.WhenAll(s_texts.Select(async (text, i) => answers[i] = await AnswerAsync(engine, text, i == 0 ? gate : null)));
        long passes = engine.Load.Passes;
        // Each alone takes three or four passes for its text and one per token behind the first: 29 together.
        if (passes >= 2 * AnswerTokens) throw new CheckFailedException($"expected passes that two answers share, found {passes} passes");
        return answers;
    }

    private static async Task<List<(int Id, double LogProbability)>> AnswerAsync(
        TextEngine engine, string text, IProgress<ReadingProgress>? progress)
    {
        CompletionOptions options = new() { Generation = new() { MaxTokens = AnswerTokens, TopLogProbabilities = 0 } };
        List<(int, double)> tokens = [];
        await foreach (AnswerPiece piece in engine.Continue(text, options, progress).PiecesAsync())
            tokens.AddRange(piece.Tokens.Select(token => (token.Id, token.LogProbability)));
        return tokens;
    }

    // A model of bytes: 256 tokens, and one that ends a text.
    private static TinyModel Bytes() => new()
    {
        Kind = HippocampusKind.GatedDeltaNet,
        Seed = 22,
        Vocabulary = End + 1,
        MoreKeys = new TokenTable
        {
            Tokens = [.. Enumerable.Range(0, End).Select(SyntheticTokenizer.ByteText), "<|im_end|>"],
            Types = [.. Enumerable.Repeat(TokenTable.Normal, End), TokenTable.Control],
            Merges = [],
            EndTokens = [End],
        }.AddTo,
    };

    private sealed class Gate(TextEngine engine) : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value)
        {
            if (SpinWait.SpinUntil(() => engine.Load.Active >= s_texts.Length, TimeSpan.FromMinutes(2))) return;
            throw new CheckFailedException($"expected {s_texts.Length} answers under way, found {engine.Load.Active} in two minutes");
        }
    }
}
