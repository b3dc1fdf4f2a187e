using System;
using System.IO;
using System.Linq;
using System.Numerics.Tensors;
using AhnSharp.Attention;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

/// <summary>Against PyTorch on 3,000 tokens of a held-out book (float64 but for float32 norms).</summary>
public sealed class PerplexityTests(DemoQ8 q8, DemoF32 f32) : IClassFixture<DemoQ8>, IClassFixture<DemoF32>
{
    [SharedTheory("data/demo")]
    [InlineData(MemoryMode.Full)]
    [InlineData(MemoryMode.Window)]
    [InlineData(MemoryMode.Ahn)]
    public void F32_equals_PyTorch_at_every_token(MemoryMode mode)
    {
        using var reading = new DemoReading(Fixture.File("demo/dracula-3000.safetensors"));
        float[] expected = reading.NegativeLogLikelihoods(NameOf(mode));
        PerplexityResult result = Perplexity.Measure(
            f32.Model, reading.Ids, new SessionOptions { Mode = mode, Window = 480, Sinks = 32, Kv = KvType.F32 });
        Assert.Equal(expected.Length, result.Tokens);
        float worst = expected.Zip(result.NegativeLogLikelihoods, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= 1e-4f, $"largest difference of a token's nll: {worst}");
    }

    [Theory]
    [InlineData(MemoryMode.Full)]
    [InlineData(MemoryMode.Window)]
    [InlineData(MemoryMode.Ahn)]
    public void Q8_0_keeps_the_perplexity_within_half_a_percent(MemoryMode mode)
    {
        using var reading = new DemoReading(Fixture.File("demo/dracula-3000.safetensors"));
        double expected = Math.Exp(reading.NegativeLogLikelihoods(NameOf(mode)).Average(nll => (double)nll));
        PerplexityResult result = Perplexity.Measure(q8.Model, reading.Ids, new SessionOptions { Mode = mode, Window = 480, Sinks = 32 });
        Assert.InRange(result.Perplexity, expected * 0.995, expected * 1.005);
    }

    // On F32 weights: beside them the entries are all that is rounded. With Q8_0 weights any difference of the entries also
    // moves the rounding of activations to bytes, which is worth 0.1 % either way over 3,000 tokens.
    [SharedTheory("data/demo")]
    [InlineData(MemoryMode.Full)]
    [InlineData(MemoryMode.Window)]
    [InlineData(MemoryMode.Ahn)]
    public void F16_entries_keep_it_within_a_twentieth_of_a_percent_and_Q8_0_entries_within_half_a_percent(MemoryMode mode)
    {
        using var reading = new DemoReading(Fixture.File("demo/dracula-3000.safetensors"));
        // What F32 entries give, as the test above shows.
        double exact = Math.Exp(reading.NegativeLogLikelihoods(NameOf(mode)).Average(nll => (double)nll));
        Assert.InRange(Measure(KvType.F16), exact * 0.9995, exact * 1.0005);
        Assert.InRange(Measure(KvType.Q8_0), exact * 0.995, exact * 1.005);

        double Measure(KvType kv) =>
            Perplexity.Measure(f32.Model, reading.Ids, new SessionOptions { Mode = mode, Window = 480, Sinks = 32, Kv = kv }).Perplexity;
    }

    [Fact]
    public void The_nll_is_the_negative_log_softmax()
    {
        int[] ids = [17, 300, 4000, 5, 6000];
        PerplexityResult result = Perplexity.Measure(q8.Model, ids);
        using LanguageSession session = q8.Model.CreateSession();
        var expected = new double[ids.Length - 1];
        q8.Model.Forward(session, ids.AsSpan(0, 4), (i, row) =>
        {
            double[] logits = [.. row.ToArray().Select(x => (double)x)];
            expected[i] = Math.Log(logits.Sum(x => Math.Exp(x - logits.Max()))) + logits.Max() - logits[ids[i + 1]];
        });
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], result.NegativeLogLikelihoods[i], 1e-5);
        Assert.Equal(TensorPrimitives.Sum<float>(result.NegativeLogLikelihoods) / 4, result.MeanNll, 5);
    }

    [Fact]
    public void One_token_predicts_nothing() => Assert.Throws<InvalidDataException>(() => Perplexity.Measure(q8.Model, [1]));

    [Fact]
    public void An_id_of_another_vocabulary_is_named()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Perplexity.Measure(q8.Model, [1, 6144, 2]));
        Assert.Contains("6144", error.Message, StringComparison.Ordinal);
    }

    private static string NameOf(MemoryMode mode) => mode switch { MemoryMode.Full => "full", MemoryMode.Window => "window", _ => "ahn" };
}
