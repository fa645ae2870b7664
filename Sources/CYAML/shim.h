// libyaml for scenarios.
#pragma once
#include <yaml.h>
