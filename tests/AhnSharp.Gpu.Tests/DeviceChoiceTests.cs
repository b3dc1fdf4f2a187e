using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gpu.Devices;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Gpu.Tests;

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:0,1")]
    [InlineData("opencl:3")]
    public void A_device_that_is_not_there_is_an_error_that_says_what_was_found(string name)
    {
        GpuException error = Assert.Throws<GpuException>(() => GpuDevices.Select(name, []));
        Assert.Contains("found no GPU, or no driver of one", error.Message, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:0:1")]
    public void A_name_that_means_nothing_is_an_error(string name) => Assert.Throws<GpuException>(() => GpuDevices.Select(name, []));

    [Fact]
    public void Auto_takes_no_device_where_there_is_none() => Assert.Empty(GpuDevices.Select("auto", []));

    [DeviceFact(GpuKind.OpenCl)]
    public void A_device_is_found_by_its_number_and_named_once()
    {
        IReadOnlyList<GpuDevice> all = GpuDevices.All;
        Assert.Equal("opencl:0", Assert.Single(GpuDevices.Select("opencl:0", all)).Id);
        Assert.Throws<GpuException>(() => GpuDevices.Select("opencl:0,0", all));
    }

    [Theory]
    [InlineData(new long[] { 1 }, new[] { 28 })]
    [InlineData(new long[] { 80, 80 }, new[] { 14, 28 })]
    [InlineData(new long[] { 24, 8, 8 }, new[] { 17, 22, 28 })]
    [InlineData(new long[] { 1, 1_000_000 }, new[] { 28 })]
    public void Layers_are_spread_by_memory(long[] memory, int[] ends) =>
        Assert.Equal(ends, LayerPlacement.Over(28, 28, memory).Stages.Select(stage => stage.EndLayer));

    [Fact]
    public void The_processor_takes_what_the_devices_leave()
    {
        LayerPlacement placement = LayerPlacement.Over(28, 20, 1, 1);
        Assert.Equal([new LayerStage(0, 10, 0), new LayerStage(10, 20, 1), new LayerStage(20, 28, null)], placement.Stages.ToArray());
        Assert.Equal(20, placement.DeviceLayers);
    }

    [Fact]
    public void As_many_layers_as_fit_are_taken()
    {
        Assert.Equal(3, LayerPlacement.LayersThatFit([10, 10, 10], 5, 35));
        Assert.Equal(2, LayerPlacement.LayersThatFit([10, 10, 10], 6, 35));
        Assert.Equal(0, LayerPlacement.LayersThatFit([10, 10, 10], 40, 35));
    }
}
