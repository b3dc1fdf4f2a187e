using System;
using System.Linq;
using System.Threading;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Measurement;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Measurement;

public sealed class ModesTests : IDisposable
{
    private static readonly SessionOptions s_options = new() { Window = 40, Sinks = 4 };
    private readonly TinyModelFile _file = new(new TinyModel { Kind = HippocampusKind.DeltaNet });

    private CpuModel Model => _file.Model;

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Flat_steps_two_sessions_of_the_same_state(bool madeUp)
    {
        long told = 0;
        FlatTest flat = FlatTest.Run(Model, s_options, 500, madeUp, 30, tokens => told = tokens, CancellationToken.None);
        Assert.Equal((44, 500, 30, madeUp), (flat.NearTokens, flat.FarTokens, flat.Steps, flat.MadeUp));
        Assert.Equal(madeUp ? 0 : 500, told);
        Assert.InRange(flat.Ratio.Median, flat.Ratio.Low, flat.Ratio.High);
        Assert.True(flat.NearMs > 0 && flat.FarMs > 0);
        // The near session's window was full, its room for a chunk not yet.
        Assert.InRange(flat.NearStateBytes, 1, flat.FarStateBytes);
    }

    [Fact]
    public void A_made_up_text_leaves_a_session_as_reading_does_but_for_values()
    {
        foreach (MemoryMode mode in Enum.GetValues<MemoryMode>())
        {
            SessionOptions options = s_options with { Mode = mode };
            using LanguageSession read = StepClock.Behind(Model, options, 300, madeUp: false, null, CancellationToken.None).Session;
            using LanguageSession madeUp = StepClock.Behind(Model, options, 300, madeUp: true, null, CancellationToken.None).Session;
            Assert.Equal((read.Position, read.StateBytes, read.Tally.Exact, read.Tally.Compressed),
                (madeUp.Position, madeUp.StateBytes, madeUp.Tally.Exact, madeUp.Tally.Compressed));
            // It goes on with finite numbers.
            Model.Forward(madeUp, [1, 2, 3]);
            Assert.All(madeUp.LastLogits.ToArray(), logit => Assert.True(float.IsFinite(logit)));
            if (mode == MemoryMode.Ahn) Assert.Contains(madeUp.HostLayer(0).Memory!.Of(0).ToArray(), x => x != 0);
        }
    }

    [Fact]
    public void The_memorys_floor_is_its_states_projections_and_gates()
    {
        using Workers workers = new(2);
        Roofs roofs = new(2, (10, 20), (30, 60), (100, 200));
        MemoryCost cost = MemoryCost.Run(Model, s_options, 12, 64, 3, roofs, madeUp: true, CancellationToken.None);
        ModelConfig config = Model.Config;
        long square = config.HeadDim * config.HeadDim, states = 4L * config.LayerCount * config.HeadCount * square;
        double gates = config.LayerCount * WeightMatrix.BytesOf(GgmlType.F32, 2 * config.HeadCount, config.HiddenSize);
        Assert.Equal(2 * states + states + gates, cost.Decode.FloorBytes);
        // 64 tokens are two chunks of 32.
        Assert.Equal(2 * 2 * states + states + gates, cost.Prefill.FloorBytes);
        foreach (MemoryShare share in new[] { cost.Decode, cost.Prefill })
        {
            Assert.True(share.WithMs > 0 && share.WindowMs > 0 && share.FloorMs > 0);
            Assert.InRange(share.ProfileShare, 0.0001, 1);
            Assert.InRange(share.Share.Median, share.Share.Low, share.Share.High);
        }
        Assert.Equal("DeltaNet", cost.Kind);
    }

    [Fact]
    public void A_long_run_has_every_token_and_a_state_that_stays()
    {
        LongRun run = LongRun.Run(Model, s_options with { Window = 300 }, 3000, null, CancellationToken.None);
        Assert.Equal(3000, run.Points[^1].Tokens);
        Assert.Equal(run.Points.Count * 16, run.Generated);
        Assert.Single(run.Points.Where(point => point.Tokens > 700).Select(point => point.StateBytes).Distinct());
        Assert.All(run.Points.Where(point => point.Tokens > 700), point => Assert.True(point.ReadMicroseconds > 0
            && point.GenerateMicroseconds > 0 && point.ResidentBytes > 0 && point.AllocatedBytesPerToken == 0, $"{point}"));
        Assert.True(run.ReadRatio > 0 && run.GenerateRatio > 0);
    }

    [Fact]
    public void Roofs_give_the_longer_of_two_floors()
    {
        Roofs roofs = new(2, (10, 20), (30, 60), null);
        Assert.Equal(0.5, roofs.Floor(10e9, 6e9, multipliesBytes: false), 9);
        Assert.Equal(1, roofs.Floor(10e9, 60e9, multipliesBytes: false), 9);
        Assert.Equal(0.25, roofs.Floor(10e9, 1e15, multipliesBytes: true, readGigabytesPerSecond: 40), 9);
    }

    [Fact]
    public void Claims_are_counted_as_the_paper_counts_them()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("tiny.gguf");
        new TinyModel { Kind = HippocampusKind.DeltaNet }.Write(path);
        ModelPlan plan = ModelPlan.Read(path);
        // A quarter of the tokens is held: the state shrinks by nearly three quarters, the memory apart.
        ClaimsTest counted = ClaimsTest.Count(plan, new SessionOptions { Window = 32640, Sinks = 128 }, 131072);
        Assert.InRange(counted.StateChange, -0.75, -0.5);
        Assert.InRange(counted.OperationsChange, -0.75, -0.05);
        ClaimsTest measured = ClaimsTest.Measure(Model, plan, s_options, 400, 16, 2, 1, CancellationToken.None);
        Assert.True(measured.Full.ReadTokensPerSecond > 0 && measured.Ahn.GeneratedTokensPerSecond > 0);
        // Within the window nothing is saved.
        ClaimsTest within = ClaimsTest.Count(plan, new SessionOptions { Window = 32640, Sinks = 128 }, 10000);
        Assert.True(within.StateChange >= 0 && within.OperationsChange >= 0);
        Assert.Equal(within.Full.Operations.Attention, within.Ahn.Operations.Attention);
    }
}
