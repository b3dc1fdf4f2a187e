using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Generation;
using AhnSharp.Gguf;
using AhnSharp.Seeds;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class SamplerTests
{
    private const int Vocabulary = 120;
    private static readonly int[] Unused = [7, 118, 119];
    private static readonly int[] Recent = [1, 2, 3, 3, 3, 110, 5, 1];

    public static TheoryData<SamplingOptions> Filters => new(
        new SamplingOptions { Temperature = 1 },
        new SamplingOptions { Temperature = 0.6f },
        new SamplingOptions { Temperature = 2.5f },
        new SamplingOptions { Temperature = 1, TopK = 1 },
        new SamplingOptions { Temperature = 1.3f, TopK = 20 },
        new SamplingOptions { Temperature = 1, TopK = 100_000 },
        new SamplingOptions { Temperature = 1, TopP = 0 },
        new SamplingOptions { Temperature = 0.8f, TopP = 0.9f },
        new SamplingOptions { Temperature = 1, TopP = 0.9999f },
        new SamplingOptions { Temperature = 1.5f, MinP = 0.1f },
        new SamplingOptions { Temperature = 1, MinP = 1 },
        new SamplingOptions { Temperature = 1, RepeatPenalty = 1.3f },
        new SamplingOptions { Temperature = 1, FrequencyPenalty = 0.7f, PresencePenalty = 0.4f },
        new SamplingOptions { Temperature = 1, FrequencyPenalty = -0.7f, PenaltyTokens = 3 },
        new SamplingOptions { Temperature = 1, LogitBias = new Dictionary<int, float> { [3] = 2, [7] = 50, [90] = -100 } },
        new SamplingOptions { Temperature = 1, TopK = 10, RepeatPenalty = 1.2f, LogitBias = new Dictionary<int, float> { [1] = 4 } },
        new SamplingOptions
        {
            Temperature = 0.9f,
            TopK = 50,
            TopP = 0.95f,
            MinP = 0.02f,
            RepeatPenalty = 1.1f,
            FrequencyPenalty = 0.2f,
            PresencePenalty = 0.1f,
            PenaltyTokens = 5,
        });

    [Theory]
    [MemberData(nameof(Filters))]
    public void Many_draws_agree_with_the_plain_reference(SamplingOptions options)
    {
        float[] logits = Logits(seed: 11);
        Sampler sampler = Create(options with { Seed = 5 });
        Dictionary<int, int> draws = [];
        for (int i = 0; i < LongForm.Or(20_000, 100_000); i++)
        {
            int id = sampler.Next(logits);
            draws[id] = draws.GetValueOrDefault(id) + 1;
        }
        ChiSquare.AssertDrawnFrom(ReferenceSampler.Probabilities(logits, options, Recent, [.. Unused]), draws);
    }

    [Fact]
    public void Greedy_takes_the_largest_logit_after_the_penalties_and_the_lowest_id_of_equals()
    {
        float[] logits = new float[Vocabulary];
        logits[7] = 9;                  // unused
        logits[3] = 5;                  // recent
        logits[100] = logits[105] = 4;
        Assert.Equal(3, Create(new()).Next(logits));
        Assert.Equal(100, Create(new() { PresencePenalty = 1.5f }).Next(logits));
        Assert.Equal(100, Create(new() { RepeatPenalty = 1.5f }).Next(logits));
        Assert.Equal(3, Create(new() { PresencePenalty = 1.5f, PenaltyTokens = 2 }).Next(logits));
    }

    [Fact]
    public void Unused_tokens_are_never_chosen_even_where_they_are_likeliest()
    {
        float[] logits = new float[Vocabulary];
        foreach (int id in Unused) logits[id] = 50;
        Sampler sampler = Create(new() { Temperature = 1, Seed = 1 });
        for (int i = 0; i < 1000; i++) Assert.DoesNotContain(sampler.Next(logits), Unused);
        Assert.Equal(0, Create(new()).Next(logits));
        Assert.Throws<InvalidModelException>(() => new Sampler(2, new(), [0, 1]));
    }

    [Fact]
    public void The_same_seed_draws_the_same_tokens_here_and_on_every_platform()
    {
        float[] logits = Logits(seed: 3);
        int[] Draw(ulong seed)
        {
            Sampler sampler = Create(new() { Temperature = 1, TopP = 0.98f, Seed = seed });
            return Enumerable.Range(0, 8).Select(_ => sampler.Next(logits)).ToArray();
        }
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
        // SplitMix64 of seed 0: the generator's published first outputs.
        SplitMix64 random = new(0);
        Assert.Equal([0xE220A8397B1DCDAFUL, 0x6E789E6AA1B965F4UL, 0x06C45D188009454FUL],
            [random.NextUInt64(), random.NextUInt64(), random.NextUInt64()]);
    }

    [Fact]
    public void Without_a_seed_one_is_drawn_and_told()
    {
        float[] logits = Logits(seed: 3);
        Sampler sampler = new(Vocabulary, new() { Temperature = 1 });
        Sampler again = new(Vocabulary, new() { Temperature = 1, Seed = sampler.Seed });
        for (int i = 0; i < 50; i++) Assert.Equal(sampler.Next(logits), again.Next(logits));
        Assert.NotEqual(sampler.Seed, new Sampler(Vocabulary, new() { Temperature = 1 }).Seed);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_logit_that_is_not_finite_is_an_error_that_names_its_token(float broken)
    {
        foreach (float temperature in new[] { 0f, 1f })
        {
            float[] logits = new float[Vocabulary];
            logits[41] = broken;
            InvalidModelException error = Assert.Throws<InvalidModelException>(
                () => Create(new() { Temperature = temperature }).Next(logits));
            Assert.Contains("token 41", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Extreme_logits_and_temperatures_still_draw()
    {
        float[] logits = new float[Vocabulary];
        logits.AsSpan().Fill(float.MinValue);
        logits[20] = float.MaxValue;
        Assert.Equal(20, Create(new() { Temperature = 1e-30f, TopP = 0.5f, MinP = 0.5f, Seed = 1 }).Next(logits));
        Assert.Equal(20, Create(new() { Temperature = 100, RepeatPenalty = 100, FrequencyPenalty = 100, Seed = 1 }).Next(logits));
    }

    [Fact]
    public void Choosing_allocates_nothing()
    {
        float[] logits = Logits(seed: 3);
        Sampler sampler = Create(new() { Temperature = 1, TopK = 100, TopP = 0.95f, MinP = 0.01f, RepeatPenalty = 1.1f, Seed = 1 });
        void Choose(int times)
        {
            for (int i = 0; i < times; i++) sampler.Accept(sampler.Next(logits));
        }
        Choose(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Choose(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        foreach ((SamplingOptions options, string name) in new[]
        {
            (new SamplingOptions { Temperature = -1 }, "Temperature"), (new() { Temperature = float.NaN }, "Temperature"),
            (new() { TopK = -1 }, "TopK"),
            (new() { TopP = 1.1f }, "TopP"), (new() { MinP = -0.1f }, "MinP"), (new() { RepeatPenalty = 0 }, "RepeatPenalty"),
            (new() { FrequencyPenalty = float.NaN }, "FrequencyPenalty"), (new() { PenaltyTokens = 5000 }, "PenaltyTokens"),
            (new() { LogitBias = new Dictionary<int, float> { [5] = float.NaN } }, "LogitBias: expected a finite number for token 5"),
            (new() { LogitBias = new Dictionary<int, float> { [Vocabulary] = 1 } }, "LogitBias: expected ids of the vocabulary"),
        })
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => new Sampler(Vocabulary, options));
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_exponential_of_the_weights_is_right_to_the_last_bits()
    {
        Random random = new(1);
        Assert.Equal(1, StableExp.Of(0));
        Assert.Equal(0, StableExp.Of(double.NegativeInfinity));
        for (int i = 0; i < 100_000; i++)
        {
            double x = -Math.Pow(random.NextDouble(), 3) * 690;
            Assert.InRange(StableExp.Of(x) / Math.Exp(x), 1 - 1e-15, 1 + 1e-15);
        }
    }

    private static Sampler Create(SamplingOptions options)
    {
        Sampler sampler = new(Vocabulary, options, Unused);
        foreach (int id in Recent) sampler.Accept(id);
        return sampler;
    }

    private static float[] Logits(int seed)
    {
        Random random = new(seed);
        return Enumerable.Range(0, Vocabulary).Select(_ => (float)(random.NextDouble() * 12 - 8)).ToArray();
    }
}
