using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Kernels;
using AhnSharp.Measurement;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Measurement;

public sealed class SpeedRunnerTests : IDisposable
{
    private readonly TinyModelFile _file = new(new TinyModel { Kind = HippocampusKind.GatedDeltaNet });

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(100, 0, 0)]
    [InlineData(0, 9, 0)]
    [InlineData(100, 0, 200)]
    [InlineData(0, 9, 200)]
    public void Runs_take_time_and_the_profile_holds_all_of_it(int prompt, int generated, int depth)
    {
        using SpeedRunner runner = new(_file.Model, new SessionOptions { Window = 40, Sinks = 4 });
        SpeedTest test = new(prompt, generated, depth);
        runner.Run(test);
        StepProfile profile = new();
        SpeedRun run = runner.Run(test, profile: profile);
        Assert.InRange(run.FirstTokenSeconds, double.Epsilon, 60);
        Assert.InRange(profile.Seconds, run.Seconds, 60 + run.Seconds);
        IReadOnlyList<ProfileLine> lines = profile.Lines;
        Assert.All(lines, line => Assert.True(line.Seconds >= 0 && line.Bytes >= 0 && line.MultiplyAdds >= 0, $"{line}"));
        Assert.Equal(profile.Seconds, lines.Sum(line => line.Seconds), 9);
        ProfileStage[] stages = [.. lines.Select(line => line.Stage).Distinct()];
        foreach (ProfileStage stage in new[]
        {
            ProfileStage.Embedding, ProfileStage.Norm, ProfileStage.Qkv, ProfileStage.Enter, ProfileStage.Attention,
            ProfileStage.AttentionOutput, ProfileStage.GateUp, ProfileStage.SwiGlu, ProfileStage.Down,
            ProfileStage.Head, ProfileStage.Sampling,
        })
            Assert.Contains(stage, stages);
        Assert.Equal(depth > 0 || prompt > 44, lines.Any(line => line.Stage == ProfileStage.Memory && line.Type is null && line.Bytes > 0));
        Assert.Null(_file.Model.Workers.Profile);
    }

    [Fact]
    public void The_profile_counts_the_multiply_adds_that_the_shapes_give()
    {
        using SpeedRunner runner = new(_file.Model, new SessionOptions { Window = 40, Sinks = 4 });
        SpeedTest test = new(100, 0, 30);
        StepProfile profile = new();
        runner.Run(test, profile: profile);
        OperationCount count = OperationCount.Of(_file.Model.Config, runner.Plan, 30, 130, 1);
        Assert.Equal(count.Attention, Sum(line => line.Stage == ProfileStage.Attention));
        Assert.Equal(count.Memory, Sum(line => line.Stage == ProfileStage.Memory));
        Assert.Equal(count.Head, Sum(line => line.Stage == ProfileStage.Head));
        Assert.Equal(count.Matrices, Sum(line => line.Type is not null && line.Stage is not (ProfileStage.Head or ProfileStage.Memory)));

        double Sum(Func<ProfileLine, bool> of) => profile.Lines.Where(of).Sum(line => (double)line.MultiplyAdds);
    }

    [Fact]
    public void A_test_behind_a_text_is_the_same_every_time_and_leaves_it_alone()
    {
        using SpeedRunner runner = new(_file.Model, new SessionOptions { Mode = MemoryMode.Full });
        SpeedTest test = new(0, 3, 20);
        StepProfile first = new(), second = new();
        runner.Run(test, profile: first);
        runner.Run(new SpeedTest(7, 0, 20));
        runner.Run(test, profile: second);
        Assert.Equal(first.Lines.Single(line => line.Stage == ProfileStage.Attention).MultiplyAdds,
            second.Lines.Single(line => line.Stage == ProfileStage.Attention).MultiplyAdds);
    }

    [Fact]
    public void Visible_pairs_are_counted_as_one_by_one()
    {
        foreach ((long from, long end, long span) in new[] { (0L, 10L, 4L), (3, 9, 100), (20, 25, 5), (0, 5, 5), (7, 7, 3) })
        {
            double expected = 0;
            for (long t = from; t < end; t++) expected += Math.Min(t + 1, span);
            Assert.Equal(expected, OperationCount.Visible(from, end, span));
        }
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(512, 0, "pp512")]
    [InlineData(64, 16384, "pp64 @ d16384")]
    public void Tests_have_llama_benchs_names(int prompt, int depth, string name)
    {
        if (prompt > 0) Assert.Equal(name, new SpeedTest(prompt, 0, depth).Name);
        else Assert.Equal("tg64 @ d7", new SpeedTest(0, 64, 7).Name);
    }
}
