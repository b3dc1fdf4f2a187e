using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using AhnSharp.Checks;
using AhnSharp.Cpu;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;

namespace AhnSharp.Tests.Model.Snapshots;

/// <summary>What commit 5b2028f saved is loaded, and goes on as it went on there.</summary>
public sealed class OldSnapshotTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "snapshots");

    [Theory]
    [InlineData("deltanet", "deltanet")]
    [InlineData("gated_deltanet", "gated_deltanet")]
    [InlineData("mamba2", "mamba2")]
    [InlineData("window", null)]
    [InlineData("full", null)]
    public void A_snapshot_of_an_older_version_goes_on(string name, string? kind)
    {
        using CpuModel model = GoldenModel.Load(kind, 1);
        string path = Path.Combine(s_folder, name + ".ahn");
        using (SnapshotFile file = SnapshotFile.Open(path))
        {
            file.Verify();
            Assert.Equal("written at 5b2028f", Encoding.UTF8.GetString(file.ReadSection("note")!));
        }
        using LanguageSession session = model.LoadSession(path);
        Assert.Equal(200, session.Position);
        Assert.Equal(GoldenModel.Ids[..200], session.ReadTokens());
        model.Forward(session, GoldenModel.Ids.AsSpan(200, 20));
        ReadOnlySpan<float> expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(s_folder, name + ".logits")));
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow(expected[i] - session.LastLogits[i], 2);
            size += (double)expected[i] * expected[i];
        }
        // To the bit on the same tier; another tier rounds otherwise.
        Assert.True(Math.Sqrt(difference / size) <= 1e-5, $"relative error {Math.Sqrt(difference / size):e2}");
    }
}
