using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Gpu;
using AhnSharp.Cli.Settings;
using AhnSharp.Kernels;
using AhnSharp.Machine;

namespace AhnSharp.Cli.Commands;

/// <summary>The report of <c>ahn doctor</c> for people.</summary>
internal static class DoctorText
{
    public static void Print(DoctorReport report)
    {
        FactSheet sheet = new();
        sheet.Section("Program");
        sheet.Fact("ahn", $"{BuildInfo.Version} (commit {BuildInfo.Commit}), {BuildInfo.Kind}");
        sheet.Fact("runtime", DoctorReport.Runtime);
        sheet.Fact("system", DoctorReport.System);
        sheet.Fact("libraries", string.Join(", ", DoctorReport.Libraries.Select(library => $"{library.Name} {library.Version}")));
        sheet.Section("Processor");
        sheet.Fact("name", CpuName.Here);
        sheet.Fact("threads used", $"{Cores.Here.Threads}: {Cores.Here.Reason}");
        if (CpuCaches.Here.Count > 0) sheet.Fact("caches", string.Join(", ", CpuCaches.Here));
        sheet.Fact("instructions", string.Join(", ", KernelTable.InstructionSets.Where(set => set.Found).Select(set => set.Name)));
        string missing = string.Join(", ", KernelTable.InstructionSets.Where(set => !set.Found).Select(set => set.Name));
        if (missing.Length > 0) sheet.Fact("not here", missing);
        sheet.Fact("kernels used", BuildInfo.Kernels());
        sheet.Section("Memory");
        sheet.Fact("free", $"{ByteProgress.Size(report.Memory.AvailableBytes)} of {ByteProgress.Size(report.Memory.TotalBytes)}");
        sheet.Fact("limit",
            report.Memory.LimitBytes is { } limit ? $"{ByteProgress.Size(limit)}, set by the container" : "none set by a container");
        AddSpeed(sheet, report);
        sheet.Section("Documents");
        sheet.Fact("PDF, HTML, EPUB", $"read {report.Documents}");
        sheet.Section("GPU");
        foreach (GpuRuntime gpu in report.Gpus) sheet.Fact(gpu.Name, Gpu(gpu));
        sheet.Fact("this build", GpuSupport.Ability);
        if (GpuSupport.IsBuiltIn) sheet.Fact("devices", Devices(report));
        sheet.Fact("used", Used(report));
        sheet.Section("Folders");
        sheet.Fact("models", report.Cache.Problem
            ?? $"{report.Cache.Folder}{(report.Cache.FreeBytes is { } free ? $", {ByteProgress.Size(free)} free on its disk" : "")}");
        sheet.Fact("demo model", DemoModel.Path);
        sheet.Print();
    }

    private static void AddSpeed(FactSheet sheet, DoctorReport report)
    {
        sheet.Section("Speed, the best of some short runs");
        if (report.Speed is not { } speed)
        {
            sheet.Fact("measured", "nothing (--no-measure)");
            return;
        }
        sheet.Fact("reading memory", Rate(speed.Read, "GB/s", 1));
        sheet.Fact("f32 products",
            speed.Float is { } f32 ? Rate(f32, "G multiply-adds/s", 0) : "not measured: the portable tier has no loop of its own");
        if (speed.Bytes is { } bytes) sheet.Fact("int8 products", Rate(bytes, "G multiply-adds/s", 0));
    }

    private static string Rate((double One, double All) rate, string unit, int digits)
    {
        string one = rate.One.ToString("F" + digits, CultureInfo.InvariantCulture),
            all = rate.All.ToString("F" + digits, CultureInfo.InvariantCulture);
        return $"{one} {unit} with one thread, {all} with {Cores.Here.Threads}";
    }

    private static string Devices(DoctorReport report) => report.Devices.Count == 0 ? "none found" : string.Join(
        "; ", report.Devices.Select(device => $"{device.Id} {device.Name}, {ByteProgress.Size(device.MemoryBytes)}"));

    private static string Used(DoctorReport report) =>
        UserSettings.Here.Find(SettingKey.Device) is { } set && set.Value != DeviceChoice.Processor ? $"{set.Value}, as {set.Source} says"
        : report.Devices.Count > 0 ? $"none, until a command says --device {report.Devices[0].Id} or 'ahn config set device' does"
        : "none: models run on the processor";

    private static string Gpu(GpuRuntime gpu) =>
        gpu.Library is null
            ? $"not found: looked for {string.Join(", ", gpu.LookedFor)}"
                + (gpu.Driver is null ? "" : $", though a driver is there: {gpu.Driver}")
            : $"{gpu.Library}{(gpu.Driver is null ? "" : $": {gpu.Driver}")}";
}
