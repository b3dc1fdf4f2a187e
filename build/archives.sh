# What a release holds, made from the builds that lie in $out: archives with their checksums, Debian packages, and what Homebrew, Scoop and
# winget want to know. Read by publish.sh, whose functions it uses.
# shellcheck shell=bash disable=SC2154

# The one table: the folder that a build is in, the platform's name in the archive, what Debian calls its processor.
artifacts=(
    'ahn-linux-x64        linux-x64        amd64'
    'ahn-linux-arm64      linux-arm64      arm64'
    'ahn-linux-x64-jit    linux-x64-jit    -'
    'ahn-linux-arm64-jit  linux-arm64-jit  -'
    'ahn-osx-arm64-jit    osx-arm64-jit    -'
    'ahn-osx-x64-jit      osx-x64-jit      -'
    'ahn-win-x64-jit      win-x64-jit      -'
)

archives() {
    local release=$out/release page=$out/pages.new folder platform debian made=0 tool=
    for folder in "ahn-linux-$machine" "ahn-linux-$machine-jit"; do [[ -n $tool || ! -x $out/$folder/ahn ]] || tool=$out/$folder/ahn; done
    [[ -n $tool ]] || fail "archives: expected a build that runs here in $out, found none: './publish.sh jit archives' makes one"
    step "archives and packages of systems"
    rm -rf "$release" "$page"
    mkdir -p "$release" "$page/completions"
    "$tool" man --all "$page/man" --quiet
    "$tool" completion bash >"$page/completions/ahn.bash"
    "$tool" completion zsh >"$page/completions/_ahn"
    "$tool" completion fish >"$page/completions/ahn.fish"
    "$tool" completion pwsh >"$page/completions/ahn.ps1"
    for line in "${artifacts[@]}"; do
        read -r folder platform debian <<<"$line"
        if [[ ! -d $out/$folder ]]; then
            skip "the archive of $platform: expected its build in $out/$folder, found none"
            continue
        fi
        # Whatever made it: what can run here has to.
        case $platform in
            "linux-$machine"*)
                local told
                told=$("$out/$folder/ahn" --version 2>&1) || fail "$out/$folder/ahn --version ended with $?: $told"
                [[ $told == "$version "* ]] || fail "$out/$folder/ahn --version: expected '$version' first, found: $told"
                ;;
        esac
        archive "$folder" "$platform" "$page"
        if [[ $debian != - ]]; then debian "$folder" "$debian" "$page"; fi
        made=$((made + 1))
    done
    rm -rf "$page"
    (cd "$release" && sha256sum -- *.tar.gz *.zip *.deb 2>/dev/null >SHA256SUMS) || true
    [[ $(wc -l <"$release/SHA256SUMS") -ge $made ]] || fail "expected a checksum of each of $made archives, found $(cat "$release/SHA256SUMS")"
    cp install.sh "$release/"
    manifests
    step "release/SHA256SUMS: $(wc -l <"$release/SHA256SUMS") checksums"
}

# stage FOLDER INTO PAGES: what every package holds.
stage() {
    mkdir -p "$2"
    cp -r "$out/$1/." "$2/"
    [[ -d $2/gguf ]] || fail "$out/$1: expected the demo model in gguf beside the command, found no such folder"
    cp LICENSE README.md "$2/"
    cp -r "$3/man" "$3/completions" "$2/"
    find "$2" -type f -exec chmod 644 {} +
    chmod 755 "$2"/ahn*
}

# The same build gives the same bytes: times are the commit's, owners nobody's.
archive() {
    local name=ahn-$version-$2 when
    when=$(git log -1 --format=%ct 2>/dev/null || echo 0)
    stage "$1" "$out/release/$name" "$3"
    if [[ $2 == win-* ]]; then
        find "$out/release/$name" -exec touch -d "@$when" {} +
        command -v zip >/dev/null || { skip "the archive of $2: needs zip"; rm -rf "$out/release/${name:?}"; return; }
        (cd "$out/release" && find "$name" -print | LC_ALL=C sort | zip -qX9 "$name.zip" -@)
        name+=.zip
    else
        tar -C "$out/release" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$when" -cf - "$name" | gzip -n9 >"$out/release/$name.tar.gz"
        name+=.tar.gz
    fi
    rm -rf "$out/release/ahn-$version-$2"
    row "archive, $2" "release/$name" "-"
}

debian() {
    local authors
    authors=$(sed -nE 's|.*<Authors>(.*)</Authors>.*|\1|p' Directory.Build.props)
    [[ -n $authors ]] || fail "Directory.Build.props: expected <Authors>, who maintain the Debian package, found none"
    command -v dpkg-deb >/dev/null || { skip "the Debian package for $2: needs dpkg-deb"; return; }
    local root=$out/release/debian.new files name=ahn_${version}_$2.deb
    files=$root/usr/lib/ahn
    stage "$1" "$files" "$3"
    mkdir -p "$root"/DEBIAN "$root"/usr/{bin,share/{man/man1,doc/ahn,bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}}
    ln -s ../lib/ahn/ahn "$root/usr/bin/ahn"
    gzip -n9 "$files"/man/*.1
    mv "$files"/man/*.gz "$root/usr/share/man/man1/"
    mv "$files/completions/ahn.bash" "$root/usr/share/bash-completion/completions/ahn"
    mv "$files/completions/_ahn" "$root/usr/share/zsh/vendor-completions/_ahn"
    mv "$files/completions/ahn.fish" "$root/usr/share/fish/vendor_completions.d/ahn.fish"
    mv "$files/LICENSE" "$root/usr/share/doc/ahn/copyright"
    mv "$files/README.md" "$root/usr/share/doc/ahn/"
    rm -rf "$files/man" "$files/completions"
    cat >"$root/DEBIAN/control" <<END
Package: ahn
Version: $version
Architecture: $2
Maintainer: $authors
Installed-Size: $(du -sk "$root/usr" | cut -f 1)
Depends: libc6 (>= 2.34)
Recommends: libssl3 | libssl3t64, ca-certificates
Section: science
Priority: optional
Description: reads documents of any length with a language model
 Runs Qwen2.5 and Qwen3 models with Artificial Hippocampus Networks, in
 memory that does not grow: the first tokens and a window are kept exactly,
 what leaves them is folded into a memory of fixed size.
END
    dpkg-deb --root-owner-group -Zgzip --build "$root" "$out/release/$name" >/dev/null
    rm -rf "$root"
    row "Debian package, $2" "release/$name" "-"
}

# address: where the files of this release will lie; empty where nobody said.
address() {
    local origin=${AHN_RELEASE_URL:-}
    if [[ -z $origin ]]; then
        origin=$(git remote get-url origin 2>/dev/null || true)
        [[ $origin != git@*:* ]] || { origin=${origin#git@}; origin=https://${origin/:/\/}; }
        [[ $origin == https://* ]] || return 0
        origin=${origin%.git}/releases/download/v$version
    fi
    printf '%s' "${origin%/}"
}

# checksum ENDING: of the archive whose name ends so; empty where it was not made.
checksum() { awk -v name="ahn-$version-$1" '$2 == name { print $1 }' "$out/release/SHA256SUMS"; }

manifests() {
    local at platform needed=(linux-x64.tar.gz linux-arm64.tar.gz osx-arm64-jit.tar.gz osx-x64-jit.tar.gz)
    at=$(address)
    [[ -n $at ]] || { skip "manifests of Homebrew, Scoop and winget: expected AHN_RELEASE_URL, the address of this release's files"; return; }
    sed -i "s|^released_at=''\$|released_at='$at'|" "$out/release/install.sh"
    grep -qxF "released_at='$at'" "$out/release/install.sh" || fail "install.sh: expected a line released_at='' to write the address into"
    for platform in "${needed[@]}"; do
        [[ -n $(checksum "$platform") ]] || { skip "the Homebrew formula: it needs the archive of ${platform%.tar.gz}"; needed=(); break; }
    done
    [[ ${#needed[@]} == 0 ]] || { homebrew "$at" >"$out/release/ahn.rb"; row "Homebrew formula" release/ahn.rb "-"; }
    if [[ -z $(checksum win-x64-jit.zip) ]]; then
        skip "the manifests of Scoop and winget: they need the archive of win-x64-jit"
    else
        scoop "$at" >"$out/release/ahn.json"
        row "Scoop manifest" release/ahn.json "-"
        winget "$at"
        row "winget manifest" release/winget/AhnSharp.ahn.installer.yaml "-"
    fi
}

homebrew() {
    local on cpu platform
    cat <<END
class Ahn < Formula
  desc "Reads documents of any length with a language model, in memory that does not grow"
  homepage "${1%/releases/*}"
  version "$version"
  license "MIT"

END
    for on in macos linux; do
        echo "  on_$on do"
        for cpu in arm intel; do
            case $on-$cpu in
                macos-arm) platform=osx-arm64-jit ;;
                macos-intel) platform=osx-x64-jit ;;
                linux-arm) platform=linux-arm64 ;;
                linux-intel) platform=linux-x64 ;;
            esac
            cat <<END
    on_$cpu do
      url "$1/ahn-$version-$platform.tar.gz"
      sha256 "$(checksum "$platform.tar.gz")"
    end
END
        done
        printf '  end\n\n'
    done
    cat <<'END'
  def install
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/ahn.bash" => "ahn"
    zsh_completion.install "completions/_ahn"
    fish_completion.install "completions/ahn.fish"
    libexec.install Dir["ahn*"], "gguf"
    bin.install_symlink libexec/"ahn"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/ahn --version")
  end
end
END
}

scoop() {
    cat <<END
{
    "version": "$version",
    "description": "Reads documents of any length with a language model, in memory that does not grow",
    "homepage": "${1%/releases/*}",
    "license": "MIT",
    "architecture": {
        "64bit": {
            "url": "$1/ahn-$version-win-x64-jit.zip",
            "hash": "$(checksum win-x64-jit.zip)",
            "extract_dir": "ahn-$version-win-x64-jit"
        }
    },
    "bin": "ahn.exe"
}
END
}

winget() {
    local folder=$out/release/winget head
    mkdir -p "$folder"
    head="PackageIdentifier: AhnSharp.ahn
PackageVersion: $version"
    cat >"$folder/AhnSharp.ahn.yaml" <<END
$head
DefaultLocale: en-US
ManifestType: version
ManifestVersion: 1.6.0
END
    cat >"$folder/AhnSharp.ahn.locale.en-US.yaml" <<END
$head
PackageLocale: en-US
Publisher: $(sed -nE 's|.*<Authors>(.*)</Authors>.*|\1|p' Directory.Build.props)
PackageName: ahn
License: MIT
ShortDescription: Reads documents of any length with a language model, in memory that does not grow.
ManifestType: defaultLocale
ManifestVersion: 1.6.0
END
    cat >"$folder/AhnSharp.ahn.installer.yaml" <<END
$head
InstallerType: zip
NestedInstallerType: portable
NestedInstallerFiles:
- RelativeFilePath: ahn-$version-win-x64-jit\\ahn.exe
  PortableCommandAlias: ahn
Installers:
- Architecture: x64
  InstallerUrl: $1/ahn-$version-win-x64-jit.zip
  InstallerSha256: $(checksum win-x64-jit.zip | tr a-f A-F)
ManifestType: installer
ManifestVersion: 1.6.0
END
}
