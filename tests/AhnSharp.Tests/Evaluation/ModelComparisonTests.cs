using System;
using System.IO;
using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

public sealed class ModelComparisonTests(DemoQ8 q8, DemoF32 f32) : IClassFixture<DemoQ8>, IClassFixture<DemoF32>
{
    private static readonly SessionOptions Full = new() { Mode = MemoryMode.Full },
        Window = new() { Mode = MemoryMode.Window, Window = 60, Sinks = 4 };

    [Fact]
    public void A_model_against_itself_differs_by_exactly_nothing()
    {
        ComparisonResult result = ModelComparison.Measure(new ComparedModel(q8.Model), new ComparedModel(q8.Model), Ids(700));
        Assert.Equal(699, result.Tokens);
        Assert.All(result.Divergences, kl => Assert.Equal(0, kl));
        Assert.DoesNotContain(false, result.SameTop);
        Assert.Equal((1.0, 1.0, 0.0), (result.Summary.Agreement, result.Summary.PerplexityRatio, result.Summary.PerplexityRatioError));
    }

    [Fact]
    public void Every_token_equals_the_definition_in_doubles()
    {
        int[] ids = Ids(300);
        ComparisonResult result = ModelComparison.Measure(new ComparedModel(q8.Model, Full), new ComparedModel(q8.Model, Window), ids);
        double[][] p = Probabilities(Full, ids), q = Probabilities(Window, ids);
        for (int i = 0; i < result.Tokens; i++)
        {
            double kl = p[i].Zip(q[i], (a, b) => a * Math.Log(a / b)).Sum();
            Assert.Equal(kl, result.Divergences[i], 1e-9);
            Assert.Equal(Array.IndexOf(p[i], p[i].Max()) == Array.IndexOf(q[i], q[i].Max()), result.SameTop[i]);
            Assert.Equal(-Math.Log(p[i][ids[i + 1]]), result.ReferenceNll[i], 1e-5);
            Assert.Equal(-Math.Log(q[i][ids[i + 1]]), result.ModelNll[i], 1e-5);
        }
        // Before the window ends the two are one model, but for the rounding of Q8_0's activations.
        Assert.InRange(result.Divergences.Take(60).Average(), 0, 0.005);
        Assert.True(result.Divergences.Skip(100).Average() > 0.02, "where the window has ended the text is missed");
    }

    [Fact]
    public void A_divergence_of_few_numbers_is_right_by_hand()
    {
        // p = (1/2, 1/4, 1/4), q = (1/4, 1/4, 1/2): KL = 1/2 ln 2 + 0 − 1/4 ln 2 = 1/4 ln 2.
        var nextToken = new NextToken();
        float[] p = [MathF.Log(2) + 3, 3, 3], q = [-1, -1, MathF.Log(2) - 1];
        double pz = LogNormalizer.Of(p), qz = LogNormalizer.Of(q);
        Assert.Equal(3 + Math.Log(4), pz, 1e-6);
        Assert.Equal(Math.Log(2) / 4, nextToken.Divergence(p, pz, q, qz), 1e-7);
        // The other direction of unequal distributions is another number.
        float[] even = [0, 0, 0];
        Assert.Equal(1.5 * Math.Log(2) * -1 + Math.Log(3), nextToken.Divergence(p, pz, even, Math.Log(3)), 1e-7);
        Assert.Equal((0.0 + Math.Log(4.0 / 3) * 2 + Math.Log(2.0 / 3)) / 3, nextToken.Divergence(even, Math.Log(3), p, pz), 1e-7);
    }

    [Fact]
    public void A_tiny_divergence_over_a_large_vocabulary_is_not_lost_in_rounding()
    {
        // q_i ∝ p_i e^(εs_i), s = ±1 in turns, p even: KL = ln cosh ε = ε²/2 − ε⁴/12 …
        var nextToken = new NextToken();
        float[] p = new float[152_064], q = new float[152_064];
        const float epsilon = 1f / 4096;
        for (int i = 0; i < q.Length; i++) q[i] = i % 2 == 0 ? epsilon : -epsilon;
        double kl = nextToken.Divergence(p, LogNormalizer.Of(p), q, LogNormalizer.Of(q));
        Assert.Equal(1, kl / Math.Log(Math.Cosh(epsilon)), 1e-6);
    }

    [SharedFact("data/demo")]
    public void Three_memories_of_the_F32_model_have_the_perplexities_that_PyTorch_gave_them()
    {
        using var reading = new DemoReading(Fixture.File("demo/dracula-3000.safetensors"));
        int[] ids = reading.Ids[..1501];
        SessionOptions window = new() { Mode = MemoryMode.Window, Window = 480, Sinks = 32, Kv = KvType.F32 };
        ComparisonResult result = ModelComparison.Measure(
            new ComparedModel(f32.Model, window with { Mode = MemoryMode.Full }), new ComparedModel(f32.Model, window), ids);
        Assert.Equal(Expected("full"), result.Summary.ReferencePerplexity, 1e-3);
        Assert.Equal(Expected("window"), result.Summary.ModelPerplexity, 1e-3);
        // The first 512 positions are the same mathematics, and F32 shows it.
        Assert.True(result.Divergences.Take(512).Max() < 1e-8, $"{result.Divergences.Take(512).Max()}");
        Assert.True(result.ByPosition(512)[1].Divergence.Mean > 0.005);

        double Expected(string mode) => Math.Exp(reading.NegativeLogLikelihoods(mode).Take(1500).Average(nll => (double)nll));
    }

    [Fact]
    public void Parts_by_position_add_up_to_the_whole()
    {
        ComparisonResult result = ModelComparison.Measure(new ComparedModel(q8.Model, Full), new ComparedModel(q8.Model, Window), Ids(301));
        ComparisonSummary[] parts = [.. result.ByPosition(128)];
        Assert.Equal([(0, 128), (128, 128), (256, 44)], parts.Select(part => (part.Start, part.Tokens)));
        Assert.Equal(result.Summary.Divergence.Mean, parts.Sum(part => part.Divergence.Mean * part.Tokens) / 300, 1e-12);
        Assert.Equal(Math.Log(result.Summary.ModelPerplexity), parts.Sum(part => Math.Log(part.ModelPerplexity) * part.Tokens) / 300, 1e-9);
        Assert.Equal(result.Summary.ModelPerplexity / result.Summary.ReferencePerplexity, result.Summary.PerplexityRatio, 1e-6);
        Assert.Equal(result.Divergences.Max(), parts.Max(part => part.Divergence.Largest));
    }

    [Fact]
    public void Other_vocabularies_and_tokenizers_are_refused_by_name()
    {
        using var tiny = new TinyModelFile(new TinyModel());
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => ModelComparison.Measure(new ComparedModel(q8.Model), new ComparedModel(tiny.Model), [1, 2, 3]));
        Assert.Contains("6144", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{tiny.Model.Config.VocabularySize}", error.Message, StringComparison.Ordinal);

        // The same file but for two one-letter tokens that changed places.
        using var folder = new TemporaryFolder();
        string other = folder.PathOf("other.gguf");
        byte[] bytes = File.ReadAllBytes(DemoQ8.Path);
        int at = bytes.AsSpan().IndexOf((byte[])[1, 0, 0, 0, 0, 0, 0, 0, (byte)'A', 1, 0, 0, 0, 0, 0, 0, 0, (byte)'B']);
        (bytes[at + 8], bytes[at + 17]) = (bytes[at + 17], bytes[at + 8]);
        File.WriteAllBytes(other, bytes);
        using CpuModel swapped = CpuModel.Load(other);
        error = Assert.Throws<InvalidDataException>(
            () => ModelComparison.Measure(new ComparedModel(q8.Model), new ComparedModel(swapped), [1, 2, 3]));
        Assert.Contains("tokenizer", error.Message, StringComparison.Ordinal);
    }

    private double[][] Probabilities(SessionOptions options, int[] ids)
    {
        var rows = new double[ids.Length - 1][];
        using LanguageSession session = q8.Model.CreateSession(options);
        q8.Model.Forward(session, ids.AsSpan(0, rows.Length), (i, logits) =>
        {
            double[] e = Array.ConvertAll(logits.ToArray(), logit => Math.Exp((double)logit));
            double sum = e.Sum();
            rows[i] = Array.ConvertAll(e, x => x / sum);
        });
        return rows;
    }

    private static int[] Ids(int count)
    {
        using var reading = new DemoReading(Fixture.File("demo/dracula-3000.safetensors"));
        return reading.Ids[..count];
    }
}
