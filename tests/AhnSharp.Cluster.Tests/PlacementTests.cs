using System;
using System.Linq;
using System.Net;
using AhnSharp.Cluster.Grains;
using AhnSharp.Cluster.Placement;
using Orleans.Runtime;
using Xunit;

namespace AhnSharp.Cluster.Tests;

public sealed class PlacementTests
{
    private static readonly SiloAddress[] s_silos =
        [.. Enumerable.Range(0, 4).Select(static i => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1_000 + i), 1))];

    [Fact]
    public void A_document_goes_where_its_model_is_loaded_before_where_it_is_served()
    {
        SiloLoads loads = new();
        loads.Learn([Load(0, [], []), Load(1, [], ["a", "b"]), Load(2, ["a"], ["a", "b"], answers: 7), Load(3, ["b"], ["b"])]);
        for (uint from = 0; from < 4; from++)
        {
            Assert.Equal(s_silos[2], loads.Choose("a", s_silos, from));
            Assert.Equal(s_silos[1], loads.Choose("a", s_silos[..2], from)); // of those that it may be, one that can load it
        }
    }

    [Fact]
    public void Of_equals_the_one_with_most_room_counting_what_was_sent_since()
    {
        SiloLoads loads = new();
        loads.Learn([Load(0, ["a"], ["a"], answers: 6), Load(1, ["a"], ["a"], answers: 3), Load(2, ["a"], ["a"], answers: 8)]);
        SiloAddress[] three = s_silos[..3];
        // Room of 2, 5 and 0.
        Assert.Equal([1, 1, 1], Chosen(loads, three, 3));
        Assert.Equal([0, 0, 1, 1], Chosen(loads, three, 4).Order()); // room of 2, 2 and 0 was left
        loads.Learn([Load(0, ["a"], ["a"], answers: 6), Load(1, ["a"], ["a"], answers: 8)]);
        Assert.Equal([0], Chosen(loads, three, 1));
    }

    [Fact]
    public void Where_nothing_was_told_yet_documents_are_spread()
    {
        SiloLoads loads = new();
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(_ => Chosen(loads, s_silos, 1)[0]).Order());
    }

    private static int[] Chosen(SiloLoads loads, SiloAddress[] silos, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => Array.IndexOf(s_silos, loads.Choose("a", silos, 0)))];

    private static SiloLoad Load(int silo, string[] loaded, string[] served, int answers = 0) =>
        new() { Silo = s_silos[silo], Loaded = loaded, Served = served, Answers = answers, Room = 8 };
}
