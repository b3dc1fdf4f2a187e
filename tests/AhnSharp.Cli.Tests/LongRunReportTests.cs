using System;
using System.Threading;
using AhnSharp.Cli.Bench;
using AhnSharp.Measurement;
using AhnSharp.Network;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class LongRunReportTests
{
    [Fact]
    public void The_drawing_has_the_time_per_token_and_the_place_where_the_window_is_full()
    {
        using TinyModelFile file = new(new TinyModel { Kind = HippocampusKind.DeltaNet });
        LongRun run = LongRun.Run(file.Model, new SessionOptions { Window = 300, Sinks = 4 }, 3000, null, CancellationToken.None);
        string svg = LongRunReport.Draw(run, "window + memory", "tiny");
        Assert.Contains("Time per token", svg, StringComparison.Ordinal);
        Assert.Contains("the window is full", svg, StringComparison.Ordinal);
    }
}
