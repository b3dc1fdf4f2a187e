using System.IO;
using AhnSharp.Machine;
using Xunit;

namespace AhnSharp.Tests.Machine;

public class MachineMemoryTests
{
    private const long KiB = 1024, MiB = 1 << 20;
    private const string Info = "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    6000000 kB\n";

    [Fact]
    public void This_machine_has_memory()
    {
        MachineMemory memory = MachineMemory.Read();
        Assert.InRange(memory.TotalBytes, 100 * MiB, long.MaxValue);
        Assert.InRange(memory.AvailableBytes, 1, memory.TotalBytes);
    }

    [Fact]
    public void Without_a_limit_the_machine_counts()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(new MachineMemory(8000000 * KiB, 6000000 * KiB, null), Read(folder, "0::/\n"));
        Write(folder, "groups/app/memory.max", "max\n");
        Assert.Equal(new MachineMemory(8000000 * KiB, 6000000 * KiB, null), Read(folder, "0::/app\n"));
    }

    [Fact]
    public void The_tightest_group_above_the_process_limits()
    {
        using TemporaryFolder folder = new();
        Write(folder, "groups/app/memory.max", $"{1000 * MiB}\n");
        Write(folder, "groups/app/memory.current", $"{700 * MiB}\n");
        Write(folder, "groups/app/memory.stat", $"anon {400 * MiB}\ninactive_file {300 * MiB}\n");
        Write(folder, "groups/app/inner/memory.max", $"{2000 * MiB}\n");
        Write(folder, "groups/app/inner/memory.current", $"{10 * MiB}\n");
        // 300 MiB of the 700 are caches of files, given back when memory is short.
        Assert.Equal(new MachineMemory(1000 * MiB, 600 * MiB, 1000 * MiB), Read(folder, "0::/app/inner\n"));
    }

    [Fact]
    public void Control_groups_of_version_1_limit()
    {
        using TemporaryFolder folder = new();
        Write(folder, "groups/memory/docker/memory.limit_in_bytes", $"{500 * MiB}\n");
        Write(folder, "groups/memory/docker/memory.usage_in_bytes", $"{200 * MiB}\n");
        Assert.Equal(new MachineMemory(500 * MiB, 300 * MiB, 500 * MiB), Read(folder, "5:cpu:/x\n4:memory:/docker\n"));
    }

    [Fact]
    public void Files_that_say_nothing_are_no_answer()
    {
        using TemporaryFolder folder = new();
        Assert.Null(MachineMemory.OfLinux(folder.PathOf("none"), folder.PathOf("none"), folder.PathOf("none")));
        Write(folder, "meminfo", "MemTotal: many\n");
        Assert.Null(MachineMemory.OfLinux(folder.PathOf("meminfo"), folder.PathOf("none"), folder.PathOf("none")));
    }

    private static MachineMemory? Read(TemporaryFolder folder, string processGroups)
    {
        Write(folder, "meminfo", Info);
        Write(folder, "cgroup", processGroups);
        return MachineMemory.OfLinux(folder.PathOf("meminfo"), folder.PathOf("cgroup"), folder.PathOf("groups"));
    }

    private static void Write(TemporaryFolder folder, string name, string text)
    {
        string path = folder.PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
