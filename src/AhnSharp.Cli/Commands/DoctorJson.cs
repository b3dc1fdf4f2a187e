using System.Text.Json;
using AhnSharp.Cli.Gpu;
using AhnSharp.Kernels;
using AhnSharp.Machine;

namespace AhnSharp.Cli.Commands;

/// <summary>The report of <c>ahn doctor --json</c>.</summary>
internal static class DoctorJson
{
    public static void Write(Utf8JsonWriter json, DoctorReport report)
    {
        json.WriteString("version", BuildInfo.Version);
        json.WriteString("commit", BuildInfo.Commit);
        json.WriteString("build", BuildInfo.Kind);
        json.WriteString("runtime", DoctorReport.Runtime);
        json.WriteString("system", DoctorReport.System);
        json.WriteStartObject("libraries");
        foreach ((string name, string version) in DoctorReport.Libraries) json.WriteString(name, version);
        json.WriteEndObject();
        json.WriteStartObject("processor");
        json.WriteString("name", CpuName.Here);
        json.WriteNumber("logical", Cores.Here.Machine);
        json.WriteNumber("cores", Cores.Here.MachineCores);
        json.WriteNumber("usable", Cores.Here.Usable);
        json.WriteNumber("threads", Cores.Here.Threads);
        json.WriteString("threads_reason", Cores.Here.Reason);
        json.WriteStartArray("caches");
        foreach (string cache in CpuCaches.Here) json.WriteStringValue(cache);
        json.WriteEndArray();
        json.WriteStartObject("instruction_sets");
        foreach ((string name, bool found) in KernelTable.InstructionSets) json.WriteBoolean(name, found);
        json.WriteEndObject();
        json.WriteString("kernels", KernelTable.NameOf(KernelTable.Active));
        json.WriteString("kernels_detected", KernelTable.NameOf(KernelTable.Detected));
        json.WriteString("kernels_forced", DoctorReport.Forced);
        json.WriteEndObject();
        json.WriteStartObject("memory");
        json.WriteNumber("total_bytes", report.Memory.TotalBytes);
        json.WriteNumber("free_bytes", report.Memory.AvailableBytes);
        if (report.Memory.LimitBytes is { } limit) json.WriteNumber("limit_bytes", limit);
        json.WriteEndObject();
        if (report.Speed is { } speed)
        {
            json.WriteStartObject("speed");
            WriteRate(json, "read_gigabytes_per_second", speed.Read);
            if (speed.Float is { } f32) WriteRate(json, "f32_giga_multiply_adds_per_second", f32);
            if (speed.Bytes is { } bytes) WriteRate(json, "int8_giga_multiply_adds_per_second", bytes);
            json.WriteEndObject();
        }
        json.WriteStartArray("gpu_runtimes");
        foreach (GpuRuntime gpu in report.Gpus)
        {
            json.WriteStartObject();
            json.WriteString("name", gpu.Name);
            json.WriteString("library", gpu.Library);
            json.WriteString("driver", gpu.Driver);
            json.WriteStartArray("looked_for");
            foreach (string name in gpu.LookedFor) json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteBoolean("gpu_build", GpuSupport.IsBuiltIn);
        json.WriteStartArray("devices");
        foreach (GpuFacts device in report.Devices) json.WriteStringValue(device.Id);
        json.WriteEndArray();
        json.WriteString("cache_folder", report.Cache.Folder);
        if (report.Cache.FreeBytes is { } free) json.WriteNumber("cache_disk_free_bytes", free);
        if (report.Cache.Problem is { } problem) json.WriteString("cache_problem", problem);
        json.WriteString("documents_read", report.Documents);
        json.WriteString("demo_model", DemoModel.Path);
    }

    private static void WriteRate(Utf8JsonWriter json, string name, (double One, double All) rate)
    {
        json.WriteStartObject(name);
        json.WriteNumber("one_thread", rate.One);
        json.WriteNumber("all_threads", rate.All);
        json.WriteEndObject();
    }
}
