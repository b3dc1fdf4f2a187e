using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using AhnSharp.Attention;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Tests.Model;
using AhnSharp.Tests.Reference;
using Xunit;

namespace AhnSharp.Tests.Sessions;

/// <summary>The rows behind the last norm, which a pass hands over beside or instead of logits.</summary>
public sealed class HiddenRowTests
{
    private static readonly SessionOptions s_small = new() { Window = 40, Sinks = 4, Kv = KvType.F32 };
    private static readonly TinyModel s_tiny = new() { Kind = HippocampusKind.GatedDeltaNet, Seed = 12, Layers = 3, Tied = false };

    [Theory]
    [InlineData(HippocampusKind.DeltaNet, false)]
    [InlineData(HippocampusKind.Mamba2, true)]
    [InlineData(null, true)]
    public void Rows_are_those_of_the_reference(HippocampusKind? kind, bool headNorms)
    {
        TinyModel tiny = new() { Kind = kind, HeadNorms = headNorms, Seed = 14 };
        using var file = new TinyModelFile(tiny, chunk: 32);
        MemoryMode mode = kind is null ? MemoryMode.Full : MemoryMode.Ahn;
        SessionOptions options = s_small with { Mode = mode };
        int[] ids = SessionTests.Ids(150, 3);
        double[][] expected = ReferenceTests.Reference(tiny).Hidden(ids, Enum.Parse<ReferenceMode>(mode.ToString()), 40, 4);
        float[][] every = Rows(file.Model, options, ids, every: true), last = Rows(file.Model, options, ids, every: false);
        Assert.Equal(ids.Length, every.Length);
        Assert.True(Error(every, expected) <= 1e-5, $"relative error {Error(every, expected):e2}");
        Assert.Equal(every[^1], Assert.Single(last));
    }

    [Fact]
    public void A_row_by_the_output_matrix_is_the_logits()
    {
        // Golden models: the product is made here, in double, from the file's own matrix, and held against the known logits.
        foreach (GoldenCase golden in GoldenCase.All)
        {
            using CpuModel model = CpuModel.Load(golden.BasePath, golden.AdapterPath, new ModelOptions { Threads = 2, ChunkTokens = 128 });
            using LanguageSession session = model.CreateSession(golden.Session);
            float[] matrix = Matrix(golden.BasePath);
            double error = golden.Error([golden.Kind is null ? GoldenModel.Tokens : 77, 64], Feed(session, matrix));
            Assert.True(error <= 1e-5, $"{golden.Name}: relative error {error:e2}");
        }
    }

    [Fact]
    public void Bits_do_not_depend_on_the_threads()
    {
        float[][][] rows = [.. ((int[])[1, 2, 3, 7]).Select(threads =>
        {
            using var file = new TinyModelFile(s_tiny, threads, chunk: 32);
            return Rows(file.Model, s_small, SessionTests.Ids(100, 5), every: true);
        })];
        Assert.All(rows, other => Assert.Equal(rows[0], other));
    }

    [Fact]
    public void A_row_in_a_batch_is_the_row_alone_within_rounding_and_logits_come_beside_it()
    {
        using var file = new TinyModelFile(s_tiny, chunk: 64);
        int[] ids = SessionTests.Ids(20, 5), others = SessionTests.Ids(30, 6);
        float[] alone = Rows(file.Model, s_small, ids, every: false)[0];
        using LanguageSession one = file.Model.CreateSession(s_small), two = file.Model.CreateSession(s_small),
            plain = file.Model.CreateSession(s_small);
        float[]? row = null;
        file.Model.Forward(
            [new SequenceSlice(two, others, WantsLogits: false), new SequenceSlice(one, ids) { Hidden = (i, r) => row = At(i, 19, r) }]);
        Assert.True(Error([row!], [[.. alone.Select(x => (double)x)]]) <= 1e-6);
        file.Model.Forward([new SequenceSlice(plain, ids)]);
        Assert.True(Error([one.LastLogits.ToArray()], [[.. plain.LastLogits.ToArray().Select(x => (double)x)]]) <= 1e-6);
    }

    [Fact]
    public void Without_logits_there_is_no_product_with_the_vocabulary()
    {
        using var file = new TinyModelFile(new TinyModel { Vocabulary = 50_000 }, chunk: 32);
        SessionOptions full = new();
        Assert.Equal(100, Rows(file.Model, full, SessionTests.Ids(100, 5), every: true).Length);
        long without = file.Model.ScratchBytes;
        using LanguageSession session = file.Model.CreateSession(full);
        file.Model.Forward(session, [1]);
        // The scratch holds logits from the first product on.
        Assert.InRange(file.Model.ScratchBytes - without, sizeof(float) * 50_000, long.MaxValue);
    }

    [Fact]
    public void A_reader_that_throws_fails_alone_and_its_session_stands()
    {
        using var file = new TinyModelFile(s_tiny, chunk: 64);
        using LanguageSession one = file.Model.CreateSession(s_small), two = file.Model.CreateSession(s_small);
        StepOutcome[] outcomes = new StepOutcome[2];
        int told = 0;
        file.Model.Step(
            [
                new SequenceSlice(one, new[] { 1, 2, 3 }) { Hidden = (_, _) => throw new InvalidDataException("no"), EveryHidden = true },
                new SequenceSlice(two, new[] { 1, 2, 3 }) { Hidden = (_, _) => told++, EveryHidden = true },
            ],
            outcomes);
        Assert.Equal((StepResult.Failed, StepResult.Done, 3), (outcomes[0].Result, outcomes[1].Result, told));
        Assert.IsType<InvalidDataException>(outcomes[0].Cause);
        Assert.Equal((0, 3), (one.Position, two.Position));
    }

    [Fact]
    public void A_row_that_is_not_finite_is_refused_by_a_sentence()
    {
        // By hand: what breaks a row in a layer breaks the last row too, which the layers look at themselves.
        using var file = new TinyModelFile(s_tiny, chunk: 64);
        using LanguageSession session = file.Model.CreateSession(s_small);
        int hiddenSize = s_tiny.Hidden, told = 0;
        Pass pass = new();
        pass.Add(session, [1, 2, 3], null, 0, false, TokenPhase.Asking, (_, _) => told++, everyHidden: true, default);
        float[] rows = [.. Enumerable.Repeat(1f, 3 * hiddenSize)];
        rows[hiddenSize + 5] = float.NaN;
        new HiddenRows([.. Enumerable.Repeat(1f, hiddenSize)], 1e-6f).Hand(pass, rows);
        Assert.Equal(1, told);
        InvalidModelException cause = Assert.IsType<InvalidModelException>(pass.FailureOf(0));
        Assert.StartsWith("the last norm: expected finite numbers behind token 1, found others", cause.Message, StringComparison.Ordinal);
    }

    private static float[][] Rows(CpuModel model, SessionOptions options, int[] ids, bool every)
    {
        List<float[]> rows = [];
        using LanguageSession session = model.CreateSession(options);
        model.Forward(
        [
            new SequenceSlice(session, ids, WantsLogits: false)
            {
                Hidden = (i, row) => rows.Add(At(i, every ? rows.Count : ids.Length - 1, row)),
                EveryHidden = every,
            },
        ]);
        return [.. rows];
    }

    private static float[] At(int index, int expected, ReadOnlySpan<float> row)
    {
        Assert.Equal(expected, index);
        return row.ToArray();
    }

    private static double Error(float[][] found, double[][] expected)
    {
        double difference = 0, size = 0;
        for (int r = 0; r < expected.Length; r++)
        {
            Assert.Equal(expected[r].Length, found[r].Length);
            for (int i = 0; i < expected[r].Length; i++)
            {
                difference += Math.Pow(expected[r][i] - found[r][i], 2);
                size += Math.Pow(expected[r][i], 2);
            }
        }
        return Math.Sqrt(difference / size);
    }

    private static Action<ReadOnlyMemory<int>, LogitsReader> Feed(LanguageSession session, float[] matrix) =>
        (ids, everyRow) => session.Model.Forward(
        [
            new SequenceSlice(session, ids, WantsLogits: false)
            {
                EveryHidden = true,
                Hidden = (index, row) =>
                {
                    float[] logits = new float[matrix.Length / row.Length];
                    for (int v = 0; v < logits.Length; v++)
                    {
                        double sum = 0;
                        for (int i = 0; i < row.Length; i++) sum += (double)row[i] * matrix[v * row.Length + i];
                        logits[v] = (float)sum;
                    }
                    everyRow(index, logits);
                },
            },
        ]);

    // [vocabulary, hidden] of a file of F32.
    private static float[] Matrix(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        GgufTensor tensor = file.TryGetTensor("output.weight", out GgufTensor? output) ? output : file.GetTensor("token_embd.weight");
        float[] values = new float[tensor.ElementCount];
        file.Read(tensor, 0, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
