// sluicectl: what operators and data engineers do by hand. README.md has examples.
#include "ctl/command_line.h"

int main(int argc, char** argv) { return sluice::run_sluicectl(argc, argv); }
