// Reads line images with Tesseract, to compare speed and accuracy with the example `lines` of ocr-chat-lstm.
//
//   apt-get install libtesseract-dev
//   g++ -O2 -std=c++17 tests/peers/tesseract_lines.cpp -o tesseract_lines $(pkg-config --cflags --libs tesseract lept)
//   OMP_THREAD_LIMIT=1 ./tesseract_lines [--no-dictionary] [--psm N] [--rounds N] TESSDATA LANGUAGE LINE.pgm...
//
// Each image is one line (PSM_RAW_LINE, 13, unless told otherwise). Prints the text of each line, then on stderr `cpu_ms TOTAL`: the CPU time of Recognize
// alone over all lines, the median of the rounds. SetImage is called anew before each reading, so nothing is reused.
#include <tesseract/baseapi.h>
#include <leptonica/allheaders.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

static double cpu_ms() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  const char *threads = getenv("OMP_THREAD_LIMIT");
  if (threads == nullptr || strcmp(threads, "1") != 0) {
    fprintf(stderr, "set OMP_THREAD_LIMIT=1, or the comparison is not one thread against one\n");
    return 2;
  }
  int at = 1;
  int rounds = 1;
  int page_seg_mode = tesseract::PSM_RAW_LINE;
  bool dictionary = true;
  for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
    if (strcmp(argv[at], "--no-dictionary") == 0) {
      dictionary = false;
    } else if (strcmp(argv[at], "--rounds") == 0 && at + 1 < argc) {
      rounds = std::max(1, atoi(argv[++at]));
    } else if (strcmp(argv[at], "--psm") == 0 && at + 1 < argc) {
      page_seg_mode = atoi(argv[++at]);
    } else {
      fprintf(stderr, "unknown option %s\n", argv[at]);
      return 2;
    }
  }
  if (argc - at < 3) {
    fprintf(stderr, "usage: tesseract_lines [--no-dictionary] [--psm N] [--rounds N] TESSDATA LANGUAGE LINE...\n");
    return 2;
  }
  tesseract::TessBaseAPI api;
  std::vector<std::string> names, values;
  if (!dictionary) {
    names = {"load_system_dawg", "load_freq_dawg"};
    values = {"0", "0"};
  }
  if (api.Init(argv[at], argv[at + 1], tesseract::OEM_LSTM_ONLY, nullptr, 0, &names, &values, false) != 0) {
    fprintf(stderr, "cannot load %s\n", argv[at + 1]);
    return 1;
  }
  api.SetPageSegMode(static_cast<tesseract::PageSegMode>(page_seg_mode));
  std::vector<Pix *> lines;
  for (int i = at + 2; i < argc; i++) {
    Pix *pix = pixRead(argv[i]);
    if (pix == nullptr) {
      fprintf(stderr, "cannot read %s\n", argv[i]);
      return 1;
    }
    lines.push_back(pix);
  }
  std::vector<double> times;
  for (int round = 0; round < rounds; round++) {
    double total = 0;
    for (Pix *pix : lines) {
      api.SetImage(pix);
      double start = cpu_ms();
      api.Recognize(nullptr);
      total += cpu_ms() - start;
      if (round == 0) {
        char *text = api.GetUTF8Text();
        std::string line(text == nullptr ? "" : text);
        delete[] text;
        std::replace(line.begin(), line.end(), '\n', ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        puts(line.c_str());
      }
    }
    times.push_back(total);
  }
  std::sort(times.begin(), times.end());
  fprintf(stderr, "cpu_ms %.3f\n", times[times.size() / 2]);
  for (Pix *pix : lines) {
    pixDestroy(&pix);
  }
  api.End();
  return 0;
}
