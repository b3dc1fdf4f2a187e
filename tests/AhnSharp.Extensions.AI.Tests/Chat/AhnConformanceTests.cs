using Microsoft.Extensions.AI;
using Xunit;

namespace AhnSharp.Extensions.AI.Tests.Chat;

public sealed class AhnConformanceTests(DemoClient demo) : ChatClientConformance, IClassFixture<DemoClient>
{
    protected override IChatClient Client => demo.Client;
}
