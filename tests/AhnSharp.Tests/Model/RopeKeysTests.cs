using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json.Nodes;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;
using Xunit;

namespace AhnSharp.Tests.Model;

/// <summary>Keys of positions: each that a file may have is honoured, or refused by name.</summary>
public sealed class RopeKeysTests
{
    [Fact]
    public void Every_parameter_turns_as_the_oracle_does()
    {
        foreach (JsonNode? c in JsonNode.Parse(File.ReadAllText(Fixture.File("rope.json")))!.AsArray())
        {
            double Value(string name, double standard) => c![name]?.GetValue<double>() ?? standard;
            Rope rope = new((int)Value("d", 0), Value("theta", 0), Value("s", 1), (int)Value("length", 1), Value("attention", 1),
                Value("extrapolation", 1), Value("fast", 32), Value("slow", 1));
            float[] cos = new float[rope.HeadDim / 2], sin = new float[cos.Length];
            rope.Angles((long)Value("position", 0), cos, sin);
            for (int i = 0; i < cos.Length; i++)
            {
                Assert.Equal(c!["expected"]![i]![0]!.GetValue<double>(), cos[i], 1e-5);
                Assert.Equal(c["expected"]![i]![1]!.GetValue<double>(), sin[i], 1e-5);
            }
        }
    }

    [Fact]
    public void A_factor_without_type_and_the_older_key_are_linear()
    {
        Assert.Equal(new RopeScaling(4, 100) { Extrapolation = 0 }, Read(("scaling.factor", 4f)));
        Assert.Equal(new RopeScaling(4, 100) { Extrapolation = 0 }, Read(("scaling.type", "linear"), ("scaling.factor", 4f)));
        Assert.Equal(new RopeScaling(2, 100) { Extrapolation = 0 }, Read(("scale_linear", 2f)));
        Assert.Null(Read(("scaling.type", "none"), ("scaling.factor", 4f)));
        Assert.Null(Read(("freq_base", 1e6f), ("dimension_count", 64u), ("scaling.finetuned", true), ("scaling.factor", 0f)));
    }

    [Fact]
    public void Keys_of_yarn_are_honoured_under_both_names()
    {
        Assert.Equal(new RopeScaling(4, 512),
            Read(("scaling.type", "yarn"), ("scaling.factor", 4f), ("scaling.original_context_length", 512u)));
        RopeScaling all = new(4, 100) { AttentionFactor = 2, Extrapolation = 0.5, BetaFast = 16, BetaSlow = 2 };
        foreach (string before in new[] { "scaling.", "scaling.yarn_" })
        {
            Assert.Equal(all, Read(("scaling.type", "yarn"), ("scaling.factor", 4f), (before + "attn_factor", 2f),
                (before + "ext_factor", 0.5f), (before + "beta_fast", 16f), (before + "beta_slow", 2f)));
        }
    }

    [Theory]
    [InlineData("scaling.foo", 1f)]
    [InlineData("dimension_sections", 1f)]
    [InlineData("scaling.yarn_log_multiplier", 0.1f)]
    [InlineData("dimension_count", 32u)]
    [InlineData("scaling.type", "longrope")]
    [InlineData("scaling.factor", float.NaN)]
    [InlineData("scaling.attn_factor", float.PositiveInfinity)]
    [InlineData("scaling.original_context_length", 0u)]
    public void What_is_not_honoured_is_refused_by_name(string key, object value)
    {
        string message = Assert.Throws<InvalidModelException>(() =>
            Read(("scaling.type", key == "scaling.type" ? value : "yarn"), (key == "scaling.factor" ? "freq_base" : "scaling.factor", 4f),
            (key, value))).Message;
        Assert.Contains("qwen2.rope." + key, message, StringComparison.Ordinal);
    }

    private static RopeScaling? Read(params (string Key, object Value)[] keys)
    {
        Dictionary<string, object> values = [];
        foreach ((string key, object value) in keys) values["qwen2.rope." + key] = value;
        return RopeKeys.Read(new GgufMetadata(values, "made.gguf"), "qwen2", 64, 100);
    }
}
