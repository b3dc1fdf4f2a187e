using System;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Conversion;

/// <summary>
/// What a trained model loses: the demo model's F32 weights quantized, and its perplexity over a thousand tokens of a held-out book.
/// </summary>
/// <remarks>Its rows of 384 fall back to the formats of 32 weights; those of its ffn_down, 1024, take the K formats.</remarks>
public sealed class QuantizedDemoTests(DemoF32 demo) : IClassFixture<DemoF32>
{
    private static readonly (string Type, double Bound)[] s_bounds =
        [("q8_0", 0.01), ("q6_k", 0.03), ("q5_k_m", 0.05), ("q4_k_m", 0.08), ("q4_k_s", 0.08), ("q4_0", 0.08)];

    [SharedFact("data/demo")]
    public void Perplexity_stays_near_that_of_the_whole_weights()
    {
        using TemporaryFolder folder = new();
        using DemoReading reading = new(Fixture.Shared("data/demo/expected/bram_stoker_dracula-3000.safetensors"));
        double whole = Measure(demo.Model, reading);
        foreach ((string type, double bound) in s_bounds)
        {
            string path = folder.PathOf("demo.gguf");
            ModelQuantizer.Quantize(
                new QuantizationOptions { Input = demo.Path, Output = path, Mixture = QuantizationMixture.Get(type), Overwrite = true });
            using CpuModel model = CpuModel.Load(path);
            double change = Measure(model, reading) / whole - 1;
            Assert.True(Math.Abs(change) <= bound, $"{type}: perplexity differs by {100 * change:0.00} % from {whole:0.000} of F32");
        }
    }

    private static double Measure(CpuModel model, DemoReading reading) =>
        Perplexity.Measure(model, reading.Ids[..1001], new SessionOptions { Mode = MemoryMode.Ahn, Window = 480, Sinks = 32 }).Perplexity;
}
